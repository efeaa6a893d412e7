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

    private RevocationList(string reference, ImmutableArray<string> digests, ImmutableArray<string> keys)
    {
        _reference = reference;
        _digests = digests.ToFrozenSet(StringComparer.Ordinal);
        _keys = keys.ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>True when nothing is taken back.</summary>
    public bool IsEmpty => _digests.Count == 0 && _keys.Count == 0;

    /// <summary>Reads the list of an environment. One that binds no list takes nothing back, unless it requires one.</summary>
    /// <param name="files">The environment's files.</param>
    /// <param name="document">The environment.</param>
    /// <returns>The list; a refusal when it is there and cannot be read, or required and not there.</returns>
    public static Outcome<RevocationList> Load(EnvironmentFiles files, EnvironmentDocument document)
    {
        ArgumentNullException.ThrowIfNull(files);
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

        var reference = document.Revocation.ListRef ?? FileName;
        if (!RuntimeConfigRules.IsContained(reference))
        {
            return new Refusal.InvalidDocument("UnsafeReference", $"revocation.list_ref `{reference}` must be a relative path inside the environment's folder");
        }

        return files.Read(reference, MaxBytes).Then(bytes => bytes is null
            ? required ? Required(document, $"{reference} is not there") : Nothing
            : Parse(bytes, reference));
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
