using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>The verbs on what an environment takes back. Whoever may change trusted keys may change it, and nobody else.</summary>
internal static class RevocationRoutes
{
    private const string Noun = "trust-root";
    private const string Root = "/environments/{env_id}/trust-root";

    /// <summary>The routes.</summary>
    public static IReadOnlyList<StoreRoute> All { get; } =
    [
        new ReadRoute { Method = "GET", Path = Root + "/revoked", Noun = Noun, Verb = "revoked", Summary = "The bundles, packs and keys that are taken back", Answer = ListAsync },
        ChangeRoute.With("POST", Root + "/revoke", Noun, "revoke", "Takes bundles, packs and keys back: revisions of them are neither staged nor warmed, and get no more traffic", ContractJson.Default.RevokeBody, (asked, body) =>
            Planned(asked, body, list => list.With(body.Digests, body.KeyIds))),
        ChangeRoute.With("POST", Root + "/unrevoke", Noun, "unrevoke", "Takes bundles, packs and keys off the list again", ContractJson.Default.RevokeBody, (asked, body) =>
            Planned(asked, body, list => list.Without(body.Digests, body.KeyIds))),
    ];

    private static Outcome<Planned> Planned(Asked asked, RevokeBody body, Func<RevocationList, Outcome<RevocationList>> change)
    {
        var target = Wire.Target(asked.Environment);
        target["digests"] = Texts(body.Digests);
        target["key_ids"] = Texts(body.KeyIds);
        return body.Digests.IsEmpty && body.KeyIds.IsEmpty
            ? new Refusal.InvalidArgument("digests or key_ids must name something")
            : new Planned(target, context => Revocations.Told(RevocationList.LoadListed(Revocations.Reader(context), context.Present)).Then(change).Then(list =>
                Revocations.Name(list.Reference).Then(name => list.ToFile().Then<Change>(bytes => new Change(Wire.Answer(Told(context.Present, list))) { Sides = TypedSides.Of(name, bytes) }))));
    }

    private static async Task<Reply> ListAsync(ReadCall call)
    {
        var stop = call.Request.HttpContext.RequestAborted;
        if (!(await call.Storage.ReadAsync(call.Environment, null, stop)).TryGet(out var stored, out var refusal))
        {
            return ReadRoutes.Refuse(call.Environment, refusal);
        }

        // Where it lies is known from the document alone, so it can be read before the list is made of it.
        var reference = stored.Document.Revocation.ListRef ?? RevocationList.FileName;
        var side = Revocations.Name(reference).TryGet(out var name, out refusal) ? await call.Storage.ReadSideAsync(call.Environment, name, stop) : refusal;
        return Revocations.Told(side.Then(found => RevocationList.LoadListed(_ => found?.Bytes.ToArray(), stored.Document))).Match(
            list => Reply.Json(200, writer => Told(stored.Document, list).WriteTo(writer)),
            unreadable => Reply.Of(Problem.Of(unreadable)));
    }

    private static JsonObject Told(EnvironmentDocument document, RevocationList list) => new()
    {
        ["environment_id"] = document.EnvironmentId.ToString(),
        ["digests"] = Texts(list.Digests),
        ["key_ids"] = Texts(list.KeyIds),
        ["is_asked"] = RevocationList.IsAsked(document),
    };

    private static JsonArray Texts(ImmutableArray<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}

/// <summary>Body of <c>trust-root.revoke</c> and <c>unrevoke</c>.</summary>
internal sealed record RevokeBody
{
    /// <summary>Bundles and packs, <c>sha256:…</c>.</summary>
    public ImmutableArray<string> Digests { get => field.IsDefault ? [] : field; init; }

    /// <summary>Keys of operators.</summary>
    public ImmutableArray<string> KeyIds { get => field.IsDefault ? [] : field; init; }
}
