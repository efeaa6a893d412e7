using System.IO.Compression;
using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Artifacts.Packs;
using Gtc.Model;

namespace Gtc.Artifacts.Tests.Packs;

/// <summary>Makes packs for tests, good and bad.</summary>
internal static class Zips
{
    public const string MinimalManifest =
        """{"schema_version":"pack-v1","pack_id":"p","version":"1.0.0","kind":"application","publisher":"t","flows":[],"components":[]}""";

    public static byte[] Manifest(string json = MinimalManifest) => CborDocument.Write(JsonElement.Parse(json), sortKeys: false);

    public static byte[] Of(params (string Name, byte[] Content)[] members)
    {
        var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in members)
            {
                using var stream = archive.CreateEntry(name, CompressionLevel.Optimal).Open();
                stream.Write(content);
            }
        }

        return zip.ToArray();
    }

    public static byte[] Pack(params (string Name, byte[] Content)[] members) => Of([(PackFile.ManifestMember, Manifest()), .. members]);

    public static Outcome<PackFile> Open(byte[] zip, PackLimits? limits = null) => PackFile.Open(new MemoryStream(zip), "test.gtpack", limits);
}
