using System.IO.Compression;
using Gtc.Artifacts.Cbor;
using Gtc.Artifacts.Digests;
using Gtc.Artifacts.Packs;

namespace Gtc.Artifacts.Building;

/// <summary>
/// Writes a <c>.gtpack</c> that depends on nothing but its content: members sorted, stored without compression (the bundle around
/// it compresses), all dated 1980-01-01.
/// </summary>
internal static class PackWriter
{
    private const int RegularFile = 0b1_000_000_110_100_100 << 16;

    private static readonly DateTimeOffset Epoch = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Writes a pack from its manifest and files; adds the lock and the list of files.</summary>
    public static byte[] Write(PackManifest manifest, SortedDictionary<string, byte[]> files)
    {
        files[PackFile.ManifestMember] = PackManifestWriter.Write(manifest);
        files[PackLock.Member] = Lock(manifest, files);
        files[PackSbom.Member] = Sbom(files);
        var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                var entry = archive.CreateEntry(name, CompressionLevel.NoCompression);
                entry.LastWriteTime = Epoch;
                entry.ExternalAttributes = RegularFile;
                using var stream = entry.Open();
                stream.Write(content);
            }
        }

        return zip.ToArray();
    }

    private static byte[] Lock(PackManifest manifest, SortedDictionary<string, byte[]> files) => CborDocument.Write(
        DocumentText.Build(json =>
        {
            json.WriteNumber("version", 1);
            json.WriteStartObject("components");
            foreach (var component in manifest.Components)
            {
                var member = ComponentSource.ModuleMember(component.Id);
                json.WriteStartObject(component.Id);
                json.WriteString("ref", $"file:{member}");
                json.WriteString("role", "tool");
                json.WriteString("world", component.World ?? string.Empty);
                json.WriteTexts("operations", []);
                json.WriteString("component_id", component.Id);
                json.WriteString("resolved_digest", ContentDigest.Of(files[member]).ToString());
                json.WriteString("component_version", component.Version);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }),
        sortKeys: true);

    private static byte[] Sbom(SortedDictionary<string, byte[]> files) => CborDocument.Write(
        DocumentText.Build(json =>
        {
            json.WriteString("format", PackSbom.Format);
            json.WriteStartArray("files");
            foreach (var (name, content) in files)
            {
                json.WriteStartObject();
                json.WriteString("path", name);
                json.WriteNumber("size", content.Length);
                json.WriteString("media_type", MediaType(name));
                json.WriteString("hash_blake3", Blake3.HashHex(content));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }),
        sortKeys: true);

    private static string MediaType(string name) => name switch
    {
        PackFile.ManifestMember => "application/cbor",
        _ when name.EndsWith(".wasm", StringComparison.Ordinal) => "application/wasm",
        _ => "application/octet-stream",
    };
}
