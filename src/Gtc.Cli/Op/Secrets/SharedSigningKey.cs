using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Secrets;

/// <summary>
/// The environment's key for cookies and tokens that name a revision: a file beside the document (<see cref="RevisionSigningKey"/>); on a store server, which sees no
/// key, one of the environment's secrets.
/// </summary>
internal static class SharedSigningKey
{
    private const string Secret = "default/_/gtc/revision_signing_key";

    /// <summary>Reads it.</summary>
    /// <param name="document">The environment.</param>
    /// <param name="at">Where it is.</param>
    /// <param name="isKept">Whether one is made and kept when there is none: whoever made a token with it wants it to count. Otherwise one stands in for it that is kept nowhere.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<Outcome<byte[]>> ReadAsync(EnvironmentDocument document, OpPlace at, bool isKept, VerbCall call, CancellationToken cancellationToken)
    {
        var random = new RandomSource(call.Context.Random);
        if (at is LocalPlace local)
        {
            var files = local.Store.Files(at.Environment);
            return isKept ? RevisionSigningKey.LoadOrMake(files, random) : RevisionSigningKey.Load(files).Then<byte[]>(key => key ?? RevisionSigningKey.Make(random));
        }

        if (!(await FindAsync(document, at, call, cancellationToken)).TryGet(out var found, out var refusal))
        {
            return refusal;
        }

        var made = RevisionSigningKey.Make(random);
        return found is not null ? found : !isKept ? made : await KeepAsync(document, at, made, call, cancellationToken);
    }

    private static async Task<Outcome<byte[]>> KeepAsync(EnvironmentDocument document, OpPlace at, byte[] made, VerbCall call, CancellationToken cancellationToken)
    {
        if (!SecretValue.Of(Convert.ToBase64String(made)).TryGet(out var value, out var refusal))
        {
            return refusal;
        }

        using (value)
        {
            var kept = await SecretsNoun.ChangeAsync(
                at,
                "put",
                SecretsNoun.Find(Secret, at.Environment),
                (string?)null,
                call,
                (secrets, uri) => secrets.Get(uri, null).Then(reading => reading is SecretReading.Absent ? secrets.Put(uri, value) : new Refusal.Conflict($"{Secret} was made meanwhile")),
                cancellationToken);

            // Of two that make one at once, both use that of the first.
            return kept.IsOk ? made : (await FindAsync(document, at, call, cancellationToken)).Then<byte[]>(found => found ?? (Outcome<byte[]>)kept.Refusal!);
        }
    }

    private static async Task<Outcome<byte[]?>> FindAsync(EnvironmentDocument document, OpPlace at, VerbCall call, CancellationToken cancellationToken) =>
        (await SecretsNoun.OpenAsync(document, at, call, cancellationToken)).Then(secrets => SecretsNoun.Find(Secret, at.Environment).Then(uri => secrets.Get(uri, null)).Then(reading => reading switch
        {
            SecretReading.Found found => Parse(found.Value),
            SecretReading.Undecryptable broken => broken.Why,
            _ => (Outcome<byte[]?>)(byte[]?)null,
        }));

    private static Outcome<byte[]?> Parse(SecretValue value)
    {
        using (value)
        {
            var key = new byte[RevisionSigningKey.Length + 1];
            return value.IsText && Convert.TryFromBase64String(value.Reveal(), key, out var length) && length == RevisionSigningKey.Length
                ? key[..length]
                : new Refusal.Conflict($"secret {Secret} must hold {RevisionSigningKey.Length} bytes in base64") { Next = $"gtc op secrets delete {Secret}   a new key is made; callers lose their cookies" };
        }
    }
}
