using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Artifacts.Oci;

/// <summary>The image manifest that carries a bundle. It names no time and no machine, so equal bundles have equal manifests.</summary>
internal static class BundleManifest
{
    public const string MediaType = "application/vnd.oci.image.manifest.v1+json";
    public const string ArtifactType = "application/vnd.greentic.gtbundle.v1";

    /// <summary>The empty configuration of the image specification: <c>{}</c>.</summary>
    public static byte[] EmptyConfig => "{}"u8.ToArray();

    public static byte[] Write(Sha256Digest bundle, long bytes, string title)
    {
        using var stream = new MemoryStream();
        // The default encoder writes the + of media types as an escape: valid, but unlike every other tool's manifests.
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteNumber("schemaVersion", 2);
            writer.WriteString("mediaType", MediaType);
            writer.WriteString("artifactType", ArtifactType);
            writer.WriteStartObject("config");
            WriteDescriptor(writer, "application/vnd.oci.empty.v1+json", Sha256Digest.FromBytes(SHA256.HashData(EmptyConfig)), EmptyConfig.Length);
            writer.WriteEndObject();
            writer.WriteStartArray("layers");
            writer.WriteStartObject();
            WriteDescriptor(writer, LayerChoice.BundleLayer, bundle, bytes);
            writer.WriteStartObject("annotations");
            writer.WriteString("org.opencontainers.image.title", title);
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void WriteDescriptor(Utf8JsonWriter writer, string mediaType, Sha256Digest digest, long size)
    {
        writer.WriteString("mediaType", mediaType);
        writer.WriteString("digest", digest.ToString());
        writer.WriteNumber("size", size);
    }
}
