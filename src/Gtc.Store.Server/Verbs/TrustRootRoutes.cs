using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store.Server;

/// <summary>The verbs on the trust root. Only bootstrapping grants trust to the server's key; nothing that signs does.</summary>
internal static class TrustRootRoutes
{
    private const string Noun = "trust-root";
    private const string Root = "/environments/{env_id}/trust-root";

    /// <summary>The routes.</summary>
    public static IReadOnlyList<StoreRoute> All { get; } =
    [
        new ReadRoute { Method = "GET", Path = Root + "/operator-key", Noun = Noun, Verb = "operator-key", Summary = "The id of the server's key, which bootstrapping trusts; null where there is none yet", Answer = OperatorKeyAsync },
        Of(ChangeRoute.Bare("POST", Root + "/bootstrap", Noun, "bootstrap", "Trusts the server's key, which is made when absent", asked => Grant(asked, ifAbsent: false))),
        Of(ChangeRoute.Bare("POST", Root + "/seed", Noun, "seed", "Trusts the server's key where there never was a trust root", asked => Grant(asked, ifAbsent: true))),
        Of(ChangeRoute.With("POST", Root + "/keys", Noun, "add", "Trusts a key", ContractJson.Default.TrustKeyBody, Add)),
        Of(ChangeRoute.With("POST", Root + "/did", Noun, "add-did", "Trusts a key of a DID document that the caller has read", ContractJson.Default.TrustDidBody, AddOfDid)),
        Of(ChangeRoute.Bare("DELETE", Root + "/keys/{key_id}", Noun, "remove", "Trusts a key no longer", Remove)),
    ];

    private static ChangeRoute Of(ChangeRoute route) => route with { Precondition = Precondition.OfTrustRoot };

    private static Task<Reply> OperatorKeyAsync(ReadCall call) => Task.FromResult(call.OperatorKey.LoadIfPresent().Match(
        key =>
        {
            using (key)
            {
                var id = key?.KeyId;
                return Reply.Object(200, writer => writer.WriteString("key_id", id));
            }
        },
        refusal => Reply.Of(Problem.Of(refusal))));

    private static Outcome<Planned> Grant(Asked asked, bool ifAbsent)
    {
        if (!asked.OperatorKey.LoadOrGenerate().TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        using (key)
        {
            var granted = TrustedKey.Of(key.Key.PublicKey);
            return new Planned(Wire.Target(asked.Environment, ("key_id", granted.KeyId)), context =>
            {
                if (ifAbsent && context.TrustRoot is not null)
                {
                    return new Change(new ChangeAnswer(null, DocumentPlace.None, null)) { Target = Wire.Target(asked.Environment) };
                }

                var root = context.TrustRoot ?? TrustRoot.Empty;
                var isTrusted = root.Find(granted.KeyId) is not null;
                var next = isTrusted ? root : root.Add(granted with { AddedAt = context.Now, Source = "bootstrap" }).Value;
                var result = new JsonObject { ["key_id"] = granted.KeyId, ["public_key_pem"] = granted.PublicKeyPem, ["trusted_key_count"] = next.Keys.Length };
                return Saved(context, next, isSame: isTrusted && context.TrustRoot is not null, result);
            });
        }
    }

    private static Outcome<Planned> Add(Asked asked, TrustKeyBody body)
    {
        ImmutableArray<string>? purposes = body.Purposes is { IsDefault: false } given ? given : null;
        return purposes?.FirstOrDefault(purpose => !KeyPurpose.All.Contains(purpose)) is { } unknown
            ? new Refusal.InvalidArgument($"purpose `{unknown}` is not known; expected {string.Join(" or ", KeyPurpose.All)}")
            : new Planned(
                Wire.Target(asked.Environment, ("key_id", body.KeyId), ("public_key_pem", body.PublicKeyPem)),
                context => Added(context, new TrustedKey { KeyId = body.KeyId, PublicKeyPem = body.PublicKeyPem, NotAfter = body.NotAfter?.ToUniversalTime(), Purposes = purposes, Source = body.Source }));
    }

    private static Outcome<Planned> AddOfDid(Asked asked, TrustDidBody body)
    {
        var target = Wire.Target(asked.Environment, ("did", body.Did));
        target["keys"] = new JsonArray(new JsonObject { ["key_id"] = body.KeyId, ["public_key_pem"] = body.PublicKeyPem });
        return DidWeb.Parse(body.Did).TryGet(out _, out var malformed)
            ? new Planned(target, context => Added(context, new TrustedKey { KeyId = body.KeyId, PublicKeyPem = body.PublicKeyPem, Source = body.Did }))
            : new Refusal.InvalidArgument(malformed.Message);
    }

    private static Outcome<Change> Added(ChangeContext context, TrustedKey key) =>
        (context.TrustRoot ?? TrustRoot.Empty).Add(key with { AddedAt = context.Now }).TryGet(out var next, out var error)
            ? Saved(context, next, isSame: false, new JsonObject { ["added_key_id"] = key.KeyId, ["trusted_key_count"] = next.Keys.Length })
            : new Refusal.InvalidArgument(error.Message);

    private static Outcome<Planned> Remove(Asked asked)
    {
        var keyId = asked.Parameter("key_id");
        return new Planned(Wire.Target(asked.Environment, ("key_id", keyId)), context =>
        {
            var root = context.TrustRoot ?? TrustRoot.Empty;
            var present = root.Find(keyId);
            var next = present is null ? root : root.Remove(keyId);
            var result = new JsonObject { ["removed_key_id"] = keyId, ["removed_public_key_pem"] = present?.PublicKeyPem, ["trusted_key_count"] = next.Keys.Length };
            return Saved(context, next, isSame: present is null, result);
        });
    }

    /// <summary>Where the document carries the keys for readers that have nothing else, it follows.</summary>
    private static Change Saved(ChangeContext context, TrustRoot next, bool isSame, JsonObject result)
    {
        var document = SignedMembers.EmbedsKeys(context.Present) ? SignedMembers.WithKeys(context.Present, next) : context.Present;
        return new Change(Wire.Answer(result))
        {
            Sides = isSame ? TypedSides.None : TypedSides.Of(next),
            Document = ReferenceEquals(document, context.Present) ? null : document,
        };
    }
}
