using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>An environment's image as JSON, the same in a backup of a whole store and in the artifact of one environment. Audit lines are texts, so that not a byte of them changes.</summary>
public static class EnvironmentImageFormat
{
    /// <summary>The value of <c>schema</c>.</summary>
    public const string SchemaId = "greentic.environment-image.v1";

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonDocumentOptions Bounds = new() { MaxDepth = 128, AllowDuplicateProperties = false };

    /// <summary>The entity tag of a document at a generation, without quotes.</summary>
    public static string EtagOf(EnvironmentDocument document) => CanonicalJson.Digest(Documents.Environment.ToElement(document)).Hex;

    /// <summary>Compact JSON.</summary>
    public static byte[] ToBytes(EnvironmentImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Compact))
        {
            Write(writer, image);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes the image as one object.</summary>
    public static void Write(Utf8JsonWriter writer, EnvironmentImage image)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(image);
        writer.WriteStartObject();
        writer.WriteString("schema", SchemaId);
        writer.WriteNumber("generation", image.Generation);
        writer.WritePropertyName("environment");
        writer.WriteRawValue(Documents.Environment.ToLine(image.Document), skipInputValidation: true);
        writer.WriteStartObject("sides");
        foreach (var (name, bytes) in image.Sides)
        {
            writer.WriteBase64String(name.ToString(), bytes.Span);
        }

        writer.WriteEndObject();
        writer.WriteStartArray("audit_log");
        foreach (var line in image.Audit)
        {
            writer.WriteStringValue(line.Span);
        }

        writer.WriteEndArray();
        WriteKeys(writer, image);
        writer.WriteEndObject();
    }

    /// <summary>Reads an image.</summary>
    public static Outcome<EnvironmentImage> Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes, Bounds);
            return Parse(document.RootElement);
        }
        catch (JsonException error)
        {
            return Malformed(error.Message.TrimEnd('.'));
        }
    }

    /// <summary>Reads an image.</summary>
    public static Outcome<EnvironmentImage> Parse(JsonElement image)
    {
        try
        {
            return Read(image);
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            return Malformed(error.Message.TrimEnd('.'));
        }
    }

    /// <summary>What a manifest says of an image, but for the digest of its bytes.</summary>
    public static ArchivedEnvironment Describe(EnvironmentImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var keys = KeysInLog(image);
        return new ArchivedEnvironment
        {
            EnvironmentId = image.Document.EnvironmentId.ToString(),
            Generation = image.Generation,
            Etag = EtagOf(image.Document with { EnvGeneration = image.Generation }),
            SidesDigest = Digest(image.Sides.SelectMany(side => (ReadOnlyMemory<byte>[])[Encoding.UTF8.GetBytes(side.Key.ToString()), side.Value])),
            AuditLines = image.Audit.Length,
            AuditDigest = Digest(image.Audit),
            Keys = keys.Count,
            KeysDigest = Digest(keys.SelectMany(key => (ReadOnlyMemory<byte>[])[Encoding.UTF8.GetBytes(key.Key.Key), Encoding.UTF8.GetBytes(key.Key.Fingerprint), key.Key.Answer])),
            Bytes = 0,
            Sha256 = string.Empty,
        };
    }

    /// <summary>SHA-256 over values, each behind its length, so that no two lists have one digest.</summary>
    private static string Digest(IEnumerable<ReadOnlyMemory<byte>> values)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(long)];
        foreach (var value in values)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(length, value.Length);
            hash.AppendData(length);
            hash.AppendData(value.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The keys whose lines are in the log, with the places of those; what was pruned takes its keys along.</summary>
    private static List<(KeptKey Key, int Line)> KeysInLog(EnvironmentImage image)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var index = 0; index < image.Audit.Length; index++)
        {
            places[Encoding.UTF8.GetString(image.Audit[index].Span)] = index;
        }

        return [.. image.Keys.Select(key => (Key: key, Line: places.GetValueOrDefault(Encoding.UTF8.GetString(key.Audit.Span), -1))).Where(key => key.Line >= 0)];
    }

    private static void WriteKeys(Utf8JsonWriter writer, EnvironmentImage image)
    {
        writer.WriteStartArray("keys");
        foreach (var (key, line) in KeysInLog(image))
        {
            writer.WriteStartObject();
            writer.WriteString("key", key.Key);
            writer.WriteString("fingerprint", key.Fingerprint);
            writer.WriteNumber("generation", key.Generation);
            writer.WriteNumber("audit_line", line);
            writer.WriteString("answer", key.Answer.Span);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static Outcome<EnvironmentImage> Read(JsonElement image)
    {
        if (image.GetProperty("schema").GetString() != SchemaId)
        {
            return Malformed($"schema must be {SchemaId}");
        }

        var generation = image.GetProperty("generation").GetUInt64();
        if (!Documents.Environment.Parse(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(image.GetProperty("environment"))).TryGet(out var document, out var refusal))
        {
            return Malformed(refusal.Message);
        }

        if (EnvironmentRules.Validate(document) is { } broken)
        {
            return Malformed(broken.Message);
        }

        if (document.EnvGeneration != generation)
        {
            return Malformed("its document is of another generation");
        }

        var sides = ImmutableSortedDictionary.CreateBuilder<SideName, ReadOnlyMemory<byte>>();
        foreach (var side in image.GetProperty("sides").EnumerateObject())
        {
            sides[SideName.TryParse(side.Name, out var name) ? name : throw new FormatException($"`{side.Name}` is not {SideName.Expectation}")] = side.Value.GetBytesFromBase64();
        }

        ImmutableArray<ReadOnlyMemory<byte>> audit = [.. image.GetProperty("audit_log").EnumerateArray().Select(Text)];
        return new EnvironmentImage
        {
            Document = document,
            Generation = generation,
            Sides = sides.ToImmutable(),
            Audit = audit,
            Keys = [.. image.GetProperty("keys").EnumerateArray().Select(key => new KeptKey(
                key.GetProperty("key").GetString()!,
                key.GetProperty("fingerprint").GetString()!,
                key.GetProperty("generation").GetUInt64(),
                audit[key.GetProperty("audit_line").GetInt32()],
                Text(key.GetProperty("answer"))))],
        };
    }

    private static ReadOnlyMemory<byte> Text(JsonElement text) => Encoding.UTF8.GetBytes(text.GetString() ?? throw new FormatException("a text is null"));

    private static Refusal.MalformedArtifact Malformed(string why) => new($"the image of an environment cannot be read: {why}");
}
