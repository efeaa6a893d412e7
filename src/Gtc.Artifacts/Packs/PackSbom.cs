using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Artifacts.Digests;
using Gtc.Model;

namespace Gtc.Artifacts.Packs;

/// <summary>A pack's list of its files (bundle-format.md §3.1). Advisory: packs that were trimmed after their build do not match it.</summary>
/// <param name="Files">Every member except the list itself.</param>
public sealed record PackSbom(ImmutableArray<SbomFile> Files)
{
    /// <summary>The member's name.</summary>
    public const string Member = "sbom.cbor";

    /// <summary>The older spelling, in JSON.</summary>
    public const string LegacyMember = "sbom.json";

    /// <summary>The only format known.</summary>
    public const string Format = "greentic-sbom-v1";

    /// <summary>Reads <c>sbom.cbor</c>.</summary>
    public static Outcome<PackSbom> Read(ReadOnlyMemory<byte> cbor) => CborDocument.Read(cbor, Member).Then(document => Read(document, Member));

    /// <summary>Reads <c>sbom.json</c>.</summary>
    public static Outcome<PackSbom> ReadJson(ReadOnlyMemory<byte> json) =>
        BoundedJson.Parse(json.Span, LegacyMember, CborDocument.MaxBytes).Then(document => Read(document, LegacyMember));

    /// <summary>Members that are listed with other content, or listed and absent; empty when all is as listed.</summary>
    public ImmutableArray<string> Differences(PackFile pack)
    {
        ArgumentNullException.ThrowIfNull(pack);
        return [.. Files.Where(file => !pack.Read(file.Path).TryGet(out var bytes, out _) || Blake3.HashHex(bytes) != file.Blake3Hex).Select(file => file.Path)];
    }

    private static Outcome<PackSbom> Read(JsonElement document, string member) => MalformedDocumentException.Guard(member, () =>
    {
        var root = new DocumentValue(document);
        if (root.Text("format") != Format)
        {
            throw root.Required("format").Wrong(Format);
        }

        return new PackSbom(root.List("files", file =>
            new SbomFile(file.Text("path"), file.Required("size").Count(), file.Text("media_type"), file.Text("hash_blake3"))));
    });
}

/// <summary>One listed file.</summary>
/// <param name="Path">The member's name.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="MediaType">Its media type.</param>
/// <param name="Blake3Hex">Its BLAKE3 hash, 64 lower-case hex digits.</param>
public sealed record SbomFile(string Path, int Size, string MediaType, string Blake3Hex);
