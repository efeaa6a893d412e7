using System.Collections.Immutable;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store;

/// <summary>
/// What a verifier was told to believe from outside environment.json. It narrows, and never widens: trust-root.json beside the
/// document replaces the embedded keys, and fingerprints leave only the keys that they name. Without either the embedded keys are
/// believed, which tells damage and carelessness, not somebody who can write the document.
/// </summary>
/// <param name="Pinned">The keys of trust-root.json, or null when there is no such file.</param>
/// <param name="Fingerprints">Ids of the only keys to believe, in lower case; none means that nothing is narrowed.</param>
public sealed record RevisionTrust(TrustRoot? Pinned, ImmutableArray<string> Fingerprints)
{
    /// <summary>Names the only keys to believe: ids of 32 hex digits, with commas or blanks between them.</summary>
    public const string FingerprintVariable = "GREENTIC_TRUST_ROOT_FINGERPRINT";

    private const int KeyIdLength = 32;

    /// <summary>Nothing from outside.</summary>
    public static RevisionTrust EmbeddedOnly { get; } = new(null, []);

    /// <summary>Reads what is beside an environment's document and in the variable.</summary>
    /// <returns>The trust; a refusal when either cannot be read, since something wrong must not widen trust.</returns>
    public static Outcome<RevisionTrust> Load(EnvironmentFiles files, Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        return ParseFingerprints(variable(FingerprintVariable)).Then(fingerprints =>
            new TrustRootFile(files).Load().Then<RevisionTrust>(root => new RevisionTrust(root, fingerprints)));
    }

    /// <summary>The entries that may be believed about a document, before expiry and purposes are looked at.</summary>
    public SigningResult<TrustRoot> Root(EnvironmentDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var source = Pinned is null ? SignedMembers.Keys(document) : Pinned;
        return source.TryGet(out var root, out var error)
            ? Fingerprints.IsEmpty ? root : root with { Keys = root.Keys.RemoveAll(key => !Fingerprints.Contains(key.KeyId, StringComparer.OrdinalIgnoreCase)) }
            : error;
    }

    private static Outcome<ImmutableArray<string>> ParseFingerprints(string? text)
    {
        var ids = (text ?? "").Split([',', ' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return ids.FirstOrDefault(id => id.Length != KeyIdLength || !id.All(char.IsAsciiHexDigit)) is { } wrong
            ? new Refusal.InvalidArgument($"{FingerprintVariable} holds `{wrong}`, key ids of {KeyIdLength} hex digits were expected")
            {
                Next = "gtc op trust-root list",
            }
            : (ImmutableArray<string>)[.. ids.Select(id => id.ToLowerInvariant())];
    }
}
