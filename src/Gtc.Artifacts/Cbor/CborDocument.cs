using System.Buffers;
using System.Formats.Cbor;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Artifacts.Cbor;

/// <summary>
/// CBOR (RFC 8949) read as JSON and written from JSON, the way the flow engine sees it: byte strings become arrays of numbers,
/// <c>undefined</c>, NaN and the infinities become null, tags are looked through, and map keys must be text. Definite and
/// indefinite lengths are both read; only definite ones are written.
/// </summary>
public static class CborDocument
{
    /// <summary>The largest document in bytes.</summary>
    public const int MaxBytes = 8 << 20;

    /// <summary>The most values in one document; each byte of a byte string counts as one.</summary>
    public const int MaxItems = 1_000_000;

    /// <summary>How deep arrays, maps and tags may nest.</summary>
    public const int MaxDepth = BoundedJson.MaxDepth;

    /// <summary>Reads one document.</summary>
    /// <param name="bytes">The whole document; bytes after it are refused.</param>
    /// <param name="what">What it is, for the refusal, e.g. <c>manifest.cbor</c>.</param>
    /// <returns>An element that owns its memory, or <see cref="Refusal.MalformedArtifact"/>.</returns>
    public static Outcome<JsonElement> Read(ReadOnlyMemory<byte> bytes, string what)
    {
        if (bytes.Length > MaxBytes)
        {
            return new Refusal.MalformedArtifact($"{what} is larger than {MaxBytes} bytes")
            {
                Details = [new("found", $"{bytes.Length} bytes")],
            };
        }

        try
        {
            var json = new ArrayBufferWriter<byte>(Math.Max(256, bytes.Length * 2));
            using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            {
                new CborTranscoder(new CborReader(bytes, CborConformanceMode.Strict), writer).Document();
            }

            return JsonElement.Parse(json.WrittenSpan, new JsonDocumentOptions { MaxDepth = MaxDepth });
        }
        catch (CborContentException exception)
        {
            return new Refusal.MalformedArtifact($"{what} is not well-formed CBOR: {exception.Message}");
        }
        catch (MalformedDocumentException exception)
        {
            return new Refusal.MalformedArtifact($"{what} is not readable: {exception.Message}");
        }
    }

    /// <summary>Writes JSON as CBOR with definite lengths and shortest integers.</summary>
    /// <param name="value">What to write. Members keep their order unless <paramref name="sortKeys"/> is set.</param>
    /// <param name="sortKeys">Sorts keys as RFC 7049 §3.9 does: shorter first, then by bytes.</param>
    public static byte[] Write(JsonElement value, bool sortKeys)
    {
        var writer = new CborWriter(sortKeys ? CborConformanceMode.Canonical : CborConformanceMode.Strict);
        WriteValue(writer, value);
        return writer.Encode();
    }

    private static void WriteValue(CborWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartMap(value.GetPropertyCount());
                foreach (var member in value.EnumerateObject())
                {
                    writer.WriteTextString(member.Name);
                    WriteValue(writer, member.Value);
                }

                writer.WriteEndMap();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray(value.GetArrayLength());
                foreach (var item in value.EnumerateArray())
                {
                    WriteValue(writer, item);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteTextString(value.GetString()!);
                break;
            case JsonValueKind.Number:
                WriteNumber(writer, value);
                break;
            case JsonValueKind.True or JsonValueKind.False:
                writer.WriteBoolean(value.GetBoolean());
                break;
            default:
                writer.WriteNull();
                break;
        }
    }

    private static void WriteNumber(CborWriter writer, JsonElement value)
    {
        if (value.TryGetInt64(out var signed))
        {
            writer.WriteInt64(signed);
        }
        else if (value.TryGetUInt64(out var unsigned))
        {
            writer.WriteUInt64(unsigned);
        }
        else
        {
            writer.WriteDouble(value.GetDouble());
        }
    }
}
