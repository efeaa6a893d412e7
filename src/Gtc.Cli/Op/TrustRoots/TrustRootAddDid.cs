using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Signing;
using Gtc.Store;

namespace Gtc.Cli.Op.TrustRoots;

/// <summary><c>gtc op trust-root add-did</c>: trust the keys that a DID document authorises for assertion.</summary>
internal static class TrustRootAddDid
{
    /// <summary>One line.</summary>
    public const string Purpose = "Trust the keys that a did:web document authorises for assertion; none is removed";

    /// <summary>The verb.</summary>
    public static Verb<AddDidPayload> Verb => new()
    {
        Noun = "trust-root",
        Name = "add-did",
        Purpose = Purpose,
        Remark = "did:web:example.com is read from https://example.com/.well-known/did.json. Redirects are not followed.",
        Examples = ["op trust-root add-did --did did:web:trust.greentic.cloud"],
        Payload = OpJson.Default.AddDidPayload,
        Fields = [PayloadField.Environment, new("did", "the identifier, did:web:…", "--did", "DID"), PayloadField.AuditKey],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(AddDidPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !OpKeys.Roots(call, at).TryGet(out var roots, out refusal)
            || !call.AuditKey(payload.IdempotencyKey).TryGet(out var audit, out refusal))
        {
            return refusal;
        }

        if (!DidWeb.Parse(payload.Did).TryGet(out var did, out var malformed))
        {
            return new Refusal.InvalidArgument(malformed.Message) { Next = "gtc op trust-root add-did --did did:web:trust.greentic.cloud" };
        }

        // Resolved before the environment is locked; one that does not exist is not worth a request.
        if (!(await roots.ListAsync(at.Environment, cancellationToken)).TryGet(out _, out refusal)
            || !(await ResolveAsync(did, call, cancellationToken)).TryGet(out var document, out refusal)
            || !(await roots.AddDidAsync(at.Environment, did, document.Keys, audit, cancellationToken)).TryGet(out var added, out refusal))
        {
            return refusal;
        }

        foreach (var method in document.Skipped)
        {
            call.Warn($"{method} is neither an Ed25519 nor a P-256 key and was left out");
        }

        var result = new TrustRootDidAdded(at.Environment.ToString(), did.Text, [.. added.KeyIds], added.TrustedKeyCount) { Warnings = call.Warnings };
        return Answer.Of(result, OpJson.Default.TrustRootDidAdded, screen =>
        {
            screen.Say($"Environment {at.Environment} trusts {added.KeyIds.Length} key(s) of {did.Text}.");
            screen.Facts(("keys", string.Join(", ", added.KeyIds)), ("trusted", $"{added.TrustedKeyCount} in all"));
        });
    }

    private static async Task<Outcome<DidDocument>> ResolveAsync(DidWeb did, VerbCall call, CancellationToken cancellationToken)
    {
        using var transport = call.Context.OpenHttp();
        return await new DidResolver(transport).ResolveAsync(did, cancellationToken);
    }
}
