using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Op.TrustRoots;

/// <summary><c>gtc op trust-root remove</c>: trust a key no longer.</summary>
internal static class TrustRootRemove
{
    /// <summary>One line.</summary>
    public const string Purpose = "Trust a key no longer: what it alone signed is refused from then on";

    /// <summary>The verb.</summary>
    public static Verb<RemoveKeyPayload> Verb => new()
    {
        Noun = "trust-root",
        Name = "remove",
        Purpose = Purpose,
        Examples = ["op trust-root remove --key-id fe812c12f3ab4ce6ac5db69ac352f906"],
        Payload = OpJson.Default.RemoveKeyPayload,
        Fields = [PayloadField.Environment, new("key_id", "the key's id; one that is not trusted is no error", "--key-id", "ID"), PayloadField.AuditKey],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(RemoveKeyPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !OpKeys.Roots(call, at).TryGet(out var roots, out refusal)
            || !call.AuditKey(payload.IdempotencyKey).TryGet(out var audit, out refusal)
            || !(await roots.RemoveAsync(at.Environment, payload.KeyId, audit, cancellationToken)).TryGet(out var removed, out refusal))
        {
            return refusal;
        }

        var result = new TrustRootRemoved(at.Environment.ToString(), removed.RemovedKeyId, removed.RemovedPublicKeyPem, removed.TrustedKeyCount);
        return Answer.Of(result, OpJson.Default.TrustRootRemoved, screen =>
        {
            screen.Say(removed.RemovedPublicKeyPem is null
                ? $"Environment {at.Environment} did not trust key {removed.RemovedKeyId}; nothing changed."
                : $"Environment {at.Environment} trusts key {removed.RemovedKeyId} no longer.");
            screen.Facts(("left", $"{removed.TrustedKeyCount}"), ("it was", removed.RemovedPublicKeyPem?.ReplaceLineEndings(" ").Trim()));
        });
    }
}
