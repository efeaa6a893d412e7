using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>
/// What an environment takes back: bundles and packs by their digest, operators' keys by their id. It is the file of the env-pack
/// <see cref="KindPath"/> in slot <c>revocation</c>, <c>{"schema":"greentic.revocation.v1","digests":["sha256:…"],"key_ids":["…"]}</c>,
/// asked when a revision is staged, warmed and booted. A file that is there and cannot be read opens nothing.
/// </summary>
public sealed class RevocationList
{
    /// <summary>The path of the env-pack whose list this is.</summary>
    public const string KindPath = "greentic.revocation.file";

    /// <summary>The list's name in the environment's folder, where the environment names no other with <c>revocation.list_ref</c>.</summary>
    public const string FileName = "revocation.json";

    /// <summary>The list's <c>schema</c>.</summary>
    public const string Schema = "greentic.revocation.v1";

    /// <summary>The most bytes of a list; about 50,000 entries.</summary>
    public const int MaxBytes = 4 << 20;

    private const int KeyIdLength = 32;

    private static readonly RevocationList Nothing = new(FileName, [], []);

    private readonly string _reference;
    private readonly FrozenSet<string> _digests;
    private readonly FrozenSet<string> _keys;

    private RevocationList(string reference, IEnumerable<string> digests, IEnumerable<string> keys)
    {
        _reference = reference;
        _digests = digests.ToFrozenSet(StringComparer.Ordinal);
        _keys = keys.ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>Where it lies, relative to the environment's folder.</summary>
    public string Reference => _reference;

    /// <summary>The digests of bundles and packs that are taken back, in order.</summary>
    public ImmutableArray<string> Digests => [.. _digests.Order(StringComparer.Ordinal)];

    /// <summary>The ids of keys that are taken back, in order.</summary>
    public ImmutableArray<string> KeyIds => [.. _keys.Order(StringComparer.Ordinal)];

    /// <summary>True when nothing is taken back.</summary>
    public bool IsEmpty => _digests.Count == 0 && _keys.Count == 0;

    /// <summary>Whether an environment asks the list, which it does where its slot <c>revocation</c> is bound to <see cref="KindPath"/>.</summary>
    public static bool IsAsked(EnvironmentDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return document.Packs.Any(pack => pack.Slot == CapabilitySlot.Revocation && pack.Kind.Path == KindPath);
    }

    /// <summary>Reads the list of an environment in files; see <see cref="Load(Func{string, Outcome{byte[]}}, EnvironmentDocument)"/>.</summary>
    public static Outcome<RevocationList> Load(EnvironmentFiles files, EnvironmentDocument document)
    {
        ArgumentNullException.ThrowIfNull(files);
        return Load(reference => files.Read(reference, MaxBytes), document);
    }

    /// <summary>Reads the list of an environment. One that binds no list takes nothing back, unless it requires one.</summary>
    /// <param name="read">Reads what lies beside the document, of at most <see cref="MaxBytes"/>; null when there is nothing.</param>
    /// <param name="document">The environment.</param>
    /// <returns>The list; a refusal when it is there and cannot be read, or required and not there.</returns>
    public static Outcome<RevocationList> Load(Func<string, Outcome<byte[]?>> read, EnvironmentDocument document)
    {
        ArgumentNullException.ThrowIfNull(read);
        ArgumentNullException.ThrowIfNull(document);
        var required = document.Revocation.Required;
        if (document.Packs.FirstOrDefault(pack => pack.Slot == CapabilitySlot.Revocation) is not { } binding)
        {
            return required ? Required(document, "no env-pack is bound in its slot `revocation`") : Nothing;
        }

        if (binding.Kind.Path != KindPath)
        {
            return required ? Required(document, $"its slot `revocation` is bound to {binding.Kind}, whose list gtc cannot read") : Nothing;
        }

        return Place(document).Then(reference => read(reference).Then(bytes => bytes is null
            ? required ? Required(document, $"{reference} is not there") : Nothing
            : Parse(bytes, reference)));
    }

    /// <summary>Reads what is listed, whether or not the environment asks it; empty when there is no list.</summary>
    /// <param name="read">Reads what lies beside the document, of at most <see cref="MaxBytes"/>; null when there is nothing.</param>
    /// <param name="document">The environment.</param>
    public static Outcome<RevocationList> LoadListed(Func<string, Outcome<byte[]?>> read, EnvironmentDocument document)
    {
        ArgumentNullException.ThrowIfNull(read);
        ArgumentNullException.ThrowIfNull(document);
        return Place(document).Then(reference => read(reference).Then(bytes => bytes is null ? new RevocationList(reference, [], []) : Parse(bytes, reference)));
    }

    /// <summary>
    /// Whether a change gives no revision more traffic that may not be served. What is revoked may lose what it has. What the environment takes back as it is
    /// counts beside what it is to take back: an earlier document may bind no list.
    /// </summary>
    /// <param name="load">Reads the list of a document.</param>
    /// <param name="before">The environment before the change; null when there is none.</param>
    /// <param name="after">The environment after it.</param>
    /// <param name="verify">What a revision's signature amounts to.</param>
    /// <returns>Null when it may be made.</returns>
    public static Refusal? RefuseGains(
        Func<EnvironmentDocument, Outcome<RevocationList>> load, EnvironmentDocument? before, EnvironmentDocument after, Func<Revision, Outcome<SignatureVerdict>> verify)
    {
        ArgumentNullException.ThrowIfNull(load);
        ArgumentNullException.ThrowIfNull(after);
        ArgumentNullException.ThrowIfNull(verify);
        var shares = (before?.TrafficSplits ?? []).SelectMany(split => split.Entries).ToLookup(entry => entry.RevisionId, entry => entry.WeightBps);
        var gaining = after.TrafficSplits.SelectMany(split => split.Entries)
            .Where(entry => entry.WeightBps > shares[entry.RevisionId].FirstOrDefault())
            .Select(entry => after.Revisions.FirstOrDefault(revision => revision.RevisionId == entry.RevisionId))
            .OfType<Revision>()
            .ToList();
        foreach (var document in gaining.Count == 0 ? [] : before is null ? (EnvironmentDocument[])[after] : [before, after])
        {
            if (!load(document).TryGet(out var list, out var refusal))
            {
                return refusal;
            }

            if (!list.IsEmpty && gaining.Select(revision => verify(revision).Match(verdict => list.Refuse(revision, verdict), unknown => unknown)).FirstOrDefault(why => why is not null) is { } revoked)
            {
                return revoked;
            }
        }

        return null;
    }

    /// <summary>The list with more taken back.</summary>
    /// <returns>The list; a refusal when something of it is neither a digest nor a key's id.</returns>
    public Outcome<RevocationList> With(ImmutableArray<string> digests, ImmutableArray<string> keyIds) =>
        digests.FirstOrDefault(digest => !IsDigest(digest)) is { } wrong ? new Refusal.InvalidArgument($"`{wrong}` is not sha256: and 64 lower-case hex digits")
        : keyIds.FirstOrDefault(key => !IsKeyId(key)) is { } unknown ? new Refusal.InvalidArgument($"`{unknown}` is not a key's id, {KeyIdLength} lower-case hex digits")
        : (Outcome<RevocationList>)new RevocationList(_reference, _digests.Union(digests), _keys.Union(keyIds));

    /// <summary>The list with less taken back; what is not on it is no error.</summary>
    public RevocationList Without(ImmutableArray<string> digests, ImmutableArray<string> keyIds) => new(_reference, _digests.Except(digests), _keys.Except(keyIds));

    /// <summary>The file.</summary>
    /// <returns>Its bytes; a refusal when it would have more than <see cref="MaxBytes"/>.</returns>
    public Outcome<byte[]> ToFile()
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(new RevocationDocument { Schema = Schema, Digests = Digests, KeyIds = KeyIds }, RevocationJson.Default.RevocationDocument);
        return bytes.Length > MaxBytes ? new Refusal.Conflict($"the list of what is revoked would have {bytes.Length:N0} bytes, the most is {MaxBytes:N0}") : bytes;
    }

    /// <summary>Reads a list.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="reference">Its name, for refusals.</param>
    public static Outcome<RevocationList> Parse(ReadOnlySpan<byte> bytes, string reference)
    {
        try
        {
            var read = JsonSerializer.Deserialize(bytes, RevocationJson.Default.RevocationDocument);
            return read is null ? Broken(reference, "an object was expected") : Checked(read, reference);
        }
        catch (JsonException error)
        {
            return Broken(reference, $"`{error.Path}` cannot be read");
        }
    }

    /// <summary>Whether a revision may be served: its bundle and its packs are not taken back, nor every key that signed it.</summary>
    /// <param name="revision">The revision.</param>
    /// <param name="verdict">What its signature amounts to.</param>
    /// <returns>Null when it may.</returns>
    public Refusal? Refuse(Revision revision, SignatureVerdict verdict)
    {
        ArgumentNullException.ThrowIfNull(revision);
        if (_digests.Contains(revision.BundleDigest))
        {
            return Revoked(revision.RevisionId, "its bundle", revision.BundleDigest);
        }

        return revision.PackList.Select(pack => RefusePack(revision.RevisionId, pack.PackId, pack.Digest)).FirstOrDefault(refusal => refusal is not null)
            ?? (verdict is SignatureVerdict.Verified { KeyIds: var keys } && keys.All(_keys.Contains) ? Revoked(revision.RevisionId, "the key that signed it", string.Join(", ", keys)) : null);
    }

    /// <summary>Whether a pack of a revision may be loaded.</summary>
    /// <param name="revision">The revision.</param>
    /// <param name="packId">The pack.</param>
    /// <param name="digest">Its digest, <c>sha256:&lt;hex&gt;</c>.</param>
    /// <returns>Null when it may.</returns>
    public Refusal? RefusePack(RevisionId revision, string packId, string digest) =>
        _digests.Contains(digest) ? Revoked(revision, $"its pack `{packId}`", digest) : null;

    private static Outcome<string> Place(EnvironmentDocument document) => (document.Revocation.ListRef ?? FileName) is var reference && RuntimeConfigRules.IsContained(reference)
        ? reference
        : new Refusal.InvalidDocument("UnsafeReference", $"revocation.list_ref `{reference}` must be a relative path inside the environment's folder");

    private static Outcome<RevocationList> Checked(RevocationDocument read, string reference)
    {
        if (read.Schema != Schema)
        {
            return Broken(reference, $"its schema is `{read.Schema}`, {Schema} was expected");
        }

        // A typo must not let pass what was meant to be stopped.
        if (!read.Digests.All(IsDigest))
        {
            return Broken(reference, $"`{read.Digests.First(digest => !IsDigest(digest))}` of digests is not sha256: and 64 lower-case hex digits");
        }

        return read.KeyIds.All(IsKeyId)
            ? new RevocationList(reference, read.Digests, read.KeyIds)
            : Broken(reference, $"`{read.KeyIds.First(key => !IsKeyId(key))}` of key_ids is not {KeyIdLength} lower-case hex digits");
    }

    private static bool IsDigest(string? digest) => Sha256Digest.TryParse(digest, out var parsed) && parsed.ToString() == digest;

    private static bool IsKeyId(string? key) => key is { Length: KeyIdLength } && key.All(char.IsAsciiHexDigitLower);

    private static Refusal.StoreFailed Broken(string reference, string why) => new($"the list of what is revoked, {reference}, cannot be used, so nothing passes: {why}")
    {
        Details = [new("expected", $$"""{"schema":"{{Schema}}","digests":["sha256:…"],"key_ids":["…"]}""")],
    };

    private static Refusal.Conflict Required(EnvironmentDocument document, string why) =>
        new($"environment `{document.EnvironmentId}` requires a list of what is revoked, and {why}; nothing passes without it")
        {
            Details = [new("expected", $"slot `revocation` bound to {KindPath}, and {document.Revocation.ListRef ?? FileName} in the environment's folder")],
        };

    private Refusal.Conflict Revoked(RevisionId revision, string what, string which) => new($"revision {revision} is revoked: {what} was taken back; refusing to serve it")
    {
        Details = [new("revoked", which), new("by", _reference)],
        Next = "gtc op revisions stage bundle_path=BUNDLE.gtbundle",
    };
}

/// <summary>The file's shape.</summary>
internal sealed record RevocationDocument
{
    public required string Schema { get; init; }

    public ImmutableArray<string> Digests { get => field.IsDefault ? [] : field; init; }

    public ImmutableArray<string> KeyIds { get => field.IsDefault ? [] : field; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    MaxDepth = 8)]
[JsonSerializable(typeof(RevocationDocument))]
internal sealed partial class RevocationJson : JsonSerializerContext;
