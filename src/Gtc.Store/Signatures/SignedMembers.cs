using System.Text;
using System.Text.Json;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store;

/// <summary>
/// The additive members of environment.json that signatures need: <c>signature</c> of a revision (a DSSE envelope),
/// <c>trusted_keys</c> of the environment (the keys of its trust root, for readers that have nothing else) and
/// <c>allow_unsigned</c> of the environment.
/// </summary>
public static class SignedMembers
{
    /// <summary>A revision's envelope.</summary>
    public const string Signature = "signature";

    /// <summary>The environment's keys.</summary>
    public const string TrustedKeys = "trusted_keys";

    /// <summary>Whether revisions without a signature may be served.</summary>
    public const string AllowUnsigned = "allow_unsigned";

    /// <summary>Whether the document lets revisions without a signature be served: what it says, else only <c>local</c> does. Anything but true is no.</summary>
    public static bool AllowsUnsigned(EnvironmentDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return Find(document, AllowUnsigned) is { } said ? said.ValueKind == JsonValueKind.True : document.EnvironmentId == EnvId.Local;
    }

    /// <summary>The document with its word on unsigned revisions; null takes the word back.</summary>
    public static EnvironmentDocument WithAllowUnsigned(EnvironmentDocument document, bool? allowed) =>
        document with { UnknownMembers = With(document, AllowUnsigned, allowed is { } value ? Parse(Encoding.UTF8.GetBytes(value ? "true" : "false")) : null) };

    /// <summary>
    /// Makes the embedded keys those of trust-root.json again. To be called on a document that comes from elsewhere, such as a snapshot or
    /// an older generation: a rollback must not bring back a key that was removed (store.md §6).
    /// </summary>
    public static Outcome<EnvironmentDocument> FollowTrustRoot(EnvironmentFiles files, EnvironmentDocument document) => EmbedsKeys(document)
        ? new TrustRootFile(files).Load().Then<EnvironmentDocument>(root => WithKeys(document, root ?? TrustRoot.Empty))
        : document;

    /// <summary>The bytes of a revision's embedded envelope, or null when it has none.</summary>
    internal static byte[]? Envelope(Revision revision) => Find(revision, Signature) is { } envelope ? Encoding.UTF8.GetBytes(envelope.GetRawText()) : null;

    /// <summary>The revision with an envelope.</summary>
    public static Revision WithEnvelope(Revision revision, DsseEnvelope envelope) =>
        revision with { UnknownMembers = With(revision, Signature, Parse(envelope.ToCompactBytes())) };

    /// <summary>Whether the document carries keys at all, even none.</summary>
    public static bool EmbedsKeys(EnvironmentDocument document) => Find(document, TrustedKeys) is not null;

    /// <summary>The embedded keys; none when there are none.</summary>
    internal static SigningResult<TrustRoot> Keys(EnvironmentDocument document) => Find(document, TrustedKeys) is { } keys
        ? TrustRoot.Parse(Encoding.UTF8.GetBytes($$"""{"schema":"{{TrustRoot.SchemaId}}","keys":{{keys.GetRawText()}}}"""))
        : TrustRoot.Empty;

    /// <summary>The document with the keys of a trust root and what narrows them; the same document when it has them already.</summary>
    public static EnvironmentDocument WithKeys(EnvironmentDocument document, TrustRoot root)
    {
        // What only tells people stays behind: readers of the document cannot ask where a key is from.
        var bare = root with { Keys = [.. root.Keys.Select(key => new TrustedKey { KeyId = key.KeyId, PublicKeyPem = key.PublicKeyPem, NotAfter = key.NotAfter, Purposes = key.Purposes })] };
        var keys = Parse(bare.ToFile()).GetProperty("keys");
        return Find(document, TrustedKeys) is { } present && JsonElement.DeepEquals(present, keys)
            ? document
            : document with { UnknownMembers = With(document, TrustedKeys, keys) };
    }

    private static JsonElement? Find(KeepsUnknownMembers document, string member) =>
        document.UnknownMembers is { } members && members.TryGetValue(member, out var found) ? found : null;

    private static Dictionary<string, JsonElement>? With(KeepsUnknownMembers document, string member, JsonElement? value)
    {
        var members = document.UnknownMembers is { } present
            ? new Dictionary<string, JsonElement>(present, StringComparer.Ordinal)
            : new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        members.Remove(member);
        if (value is { } given)
        {
            members[member] = given;
        }

        return members.Count == 0 ? null : members;
    }

    private static JsonElement Parse(byte[] utf8)
    {
        using var document = JsonDocument.Parse(utf8);
        return document.RootElement.Clone();
    }
}
