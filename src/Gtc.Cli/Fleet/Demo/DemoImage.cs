using System.Buffers;
using System.Collections.Immutable;
using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json;

namespace Gtc.Cli.Fleet.Demo;

/// <summary>A part of an image, named by its digest.</summary>
/// <param name="Bytes">The part.</param>
/// <param name="MediaType">What it is.</param>
internal sealed record DemoBlob(byte[] Bytes, string MediaType)
{
    /// <summary><c>sha256:</c> and 64 hexadecimal digits.</summary>
    public string Digest { get; } = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Bytes))}";
}

/// <summary>
/// An image that is made here, so that the demo needs no registry of the internet: busybox and one page that it serves on port 80 (OCI image
/// specification 1.0). The same words give the same bytes.
/// </summary>
internal sealed record DemoImage
{
    /// <summary>Where it stands in the registry.</summary>
    public const string Repository = "demo/web";

    private const string LayerType = "application/vnd.oci.image.layer.v1.tar";
    private const string ConfigType = "application/vnd.oci.image.config.v1+json";
    private const string ManifestType = "application/vnd.oci.image.manifest.v1+json";
    private const UnixFileMode Program = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private DemoImage(string tag, DemoBlob manifest, ImmutableArray<DemoBlob> parts) => (Tag, Manifest, Parts) = (tag, manifest, parts);

    /// <summary>Its tag.</summary>
    public string Tag { get; }

    /// <summary>What a registry answers for the tag.</summary>
    public DemoBlob Manifest { get; }

    /// <summary>Configuration and layers.</summary>
    public ImmutableArray<DemoBlob> Parts { get; }

    /// <summary>Makes one.</summary>
    /// <param name="tag">Its tag.</param>
    /// <param name="page">What it shows.</param>
    /// <param name="busybox">The program, linked statically.</param>
    /// <param name="ballast">Bytes that only take room: a layer of their own, different for every tag.</param>
    public static DemoImage Make(string tag, string page, byte[] busybox, int ballast)
    {
        var layers = ImmutableArray.CreateBuilder<DemoBlob>();
        layers.Add(Layer([(Entry("bin/busybox", busybox), Program)]));
        layers.Add(Layer([(Entry("www/index.html", System.Text.Encoding.UTF8.GetBytes(page)), Readable)]));
        if (ballast > 0)
        {
            layers.Add(Layer([(Entry("ballast", Noise(tag, ballast)), Readable)]));
        }

        var config = new DemoBlob(Json(writer => Configuration(writer, layers)), ConfigType);
        var manifest = new DemoBlob(Json(writer => ManifestOf(writer, config, layers)), ManifestType);
        return new(tag, manifest, [config, .. layers]);
    }

    private static (string Name, byte[] Bytes) Entry(string name, byte[] bytes) => (name, bytes);

    private static DemoBlob Layer(ImmutableArray<((string Name, byte[] Bytes) File, UnixFileMode Mode)> files)
    {
        using var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var (file, mode) in files)
            {
                writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, file.Name) { Mode = mode, ModificationTime = DateTimeOffset.UnixEpoch, DataStream = new MemoryStream(file.Bytes) });
            }
        }

        return new(tar.ToArray(), LayerType);
    }

    /// <summary>Bytes that do not shrink, the same on every run.</summary>
    private static byte[] Noise(string seed, int length)
    {
        var bytes = new byte[length];
        var block = SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(seed));
        for (var at = 0; at < length; at += block.Length)
        {
            block = SHA256.HashData(block);
            block.AsSpan(0, Math.Min(block.Length, length - at)).CopyTo(bytes.AsSpan(at));
        }

        return bytes;
    }

    private static void Configuration(Utf8JsonWriter writer, IEnumerable<DemoBlob> layers)
    {
        writer.WriteStartObject();
        writer.WriteString("architecture", System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64");
        writer.WriteString("os", "linux");
        writer.WriteStartObject("config");
        writer.WriteStartArray("Entrypoint");
        foreach (var word in (string[])["/bin/busybox", "httpd", "-f", "-p", "80", "-h", "/www"])
        {
            writer.WriteStringValue(word);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteStartObject("rootfs");
        writer.WriteString("type", "layers");
        writer.WriteStartArray("diff_ids");
        foreach (var layer in layers)
        {
            writer.WriteStringValue(layer.Digest);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void ManifestOf(Utf8JsonWriter writer, DemoBlob config, IEnumerable<DemoBlob> layers)
    {
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion", 2);
        writer.WriteString("mediaType", ManifestType);
        writer.WritePropertyName("config");
        Descriptor(writer, config);
        writer.WriteStartArray("layers");
        foreach (var layer in layers)
        {
            Descriptor(writer, layer);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Descriptor(Utf8JsonWriter writer, DemoBlob blob)
    {
        writer.WriteStartObject();
        writer.WriteString("mediaType", blob.MediaType);
        writer.WriteString("digest", blob.Digest);
        writer.WriteNumber("size", blob.Bytes.Length);
        writer.WriteEndObject();
    }

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            write(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }
}
