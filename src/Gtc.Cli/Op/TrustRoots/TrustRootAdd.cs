using System.Collections.Immutable;
using System.Globalization;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Cli.Op.TrustRoots;

/// <summary><c>gtc op trust-root add</c>: trust a key (op-cli.md §19).</summary>
internal static class TrustRootAdd
{
    /// <summary>One line.</summary>
    public const string Purpose = "Trust a key, given as SPKI PEM: Ed25519 or ECDSA P-256";

    private const int MaxPemBytes = 16 * 1024;

    /// <summary>The verb.</summary>
    public static Verb<AddKeyPayload> Verb => new()
    {
        Noun = "trust-root",
        Name = "add",
        Purpose = Purpose,
        Remark = "The id is the first 16 bytes of the SHA-256 over the raw public key in hex; one that does not belong to the key is refused.",
        Examples =
        [
            "op trust-root add --key-id fe812c12f3ab4ce6ac5db69ac352f906 --public-key-file key.pem.pub",
            "op trust-root add prod --key-id fe812c12f3ab4ce6ac5db69ac352f906 --public-key-file key.pem.pub --not-after 2027-01-01T00:00:00Z --purpose revision",
        ],
        Payload = OpJson.Default.AddKeyPayload,
        Fields =
        [
            PayloadField.Environment,
            new("key_id", "the key's id", "--key-id", "ID"),
            new("public_key_pem", "the key itself; excludes --public-key-file", "--public-key-pem", "PEM"),
            new("public_key_file", "a file with the key; excludes --public-key-pem", "--public-key-file", "FILE"),
            new("not_after", "when its signatures cease to count, RFC 3339; never when not given", "--not-after", "TIME"),
            new("purposes", $"what it may sign: {string.Join(" or ", KeyPurpose.All)}; everything when not given", "--purpose", "PURPOSE"),
            new("source", "a note on where it is from", "--source", "TEXT"),
            PayloadField.AuditKey,
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(AddKeyPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !OpKeys.Roots(call, at).TryGet(out var roots, out refusal)
            || !call.AuditKey(payload.IdempotencyKey).TryGet(out var audit, out refusal)
            || !(await PemAsync(payload, call, cancellationToken)).TryGet(out var pem, out refusal)
            || !Narrowed(payload, pem).TryGet(out var key, out refusal)
            || !(await roots.AddAsync(at.Environment, key, audit, cancellationToken)).TryGet(out var added, out refusal))
        {
            return refusal;
        }

        return Answer.Of(new(at.Environment.ToString(), added.AddedKeyId, added.TrustedKeyCount), OpJson.Default.TrustRootAdded, screen =>
        {
            screen.Say($"Environment {at.Environment} trusts key {added.AddedKeyId}.");
            screen.Facts(("trusted", $"{added.TrustedKeyCount} in all"), ("undo", $"gtc op trust-root remove {at.Environment} --key-id {added.AddedKeyId}"));
        });
    }

    private static async Task<Outcome<string>> PemAsync(AddKeyPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        switch (payload.PublicKeyPem, payload.PublicKeyFile)
        {
            case ({ } pem, null):
                return pem;
            case (null, { } file):
                var path = call.Context.PathOf(file);
                if (!File.Exists(path))
                {
                    return new Refusal.Missing($"there is no file {path}");
                }

                return new FileInfo(path).Length > MaxPemBytes
                    ? new Refusal.InvalidArgument($"{path} has {new FileInfo(path).Length:N0} bytes, a public key has at most {MaxPemBytes:N0}")
                    : await File.ReadAllTextAsync(path, cancellationToken);
            default:
                return new Refusal.InvalidArgument("exactly one of public_key_pem and public_key_file is expected")
                {
                    Details = [new("found", payload.PublicKeyPem is null ? "neither" : "both")],
                    Next = $"gtc op trust-root add --key-id {payload.KeyId} --public-key-file FILE",
                };
        }
    }

    private static Outcome<TrustedKey> Narrowed(AddKeyPayload payload, string pem)
    {
        ImmutableArray<string>? purposes = payload.Purposes.IsDefault ? null : payload.Purposes;
        if (purposes?.FirstOrDefault(purpose => !KeyPurpose.All.Contains(purpose)) is { } unknown)
        {
            return new Refusal.InvalidArgument($"purpose `{unknown}` is not known") { Details = [new("expected", string.Join(" or ", KeyPurpose.All))] };
        }

        DateTimeOffset? end = null;
        if (payload.NotAfter is not null)
        {
            if (!DateTimeOffset.TryParseExact(payload.NotAfter, "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed))
            {
                return new Refusal.InvalidArgument($"not_after `{payload.NotAfter}` must be an RFC 3339 time, e.g. 2027-01-01T00:00:00Z");
            }

            end = parsed.ToUniversalTime();
        }

        return new TrustedKey { KeyId = payload.KeyId, PublicKeyPem = pem, Purposes = purposes, NotAfter = end, Source = payload.Source };
    }
}
