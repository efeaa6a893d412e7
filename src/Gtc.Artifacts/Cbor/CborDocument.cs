using System.Buffers;
using System.Formats.Cbor;
using System.Globalization;
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
                new Transcoder(new CborReader(bytes, CborConformanceMode.Strict), writer).Document();
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

    private sealed class Transcoder(CborReader reader, Utf8JsonWriter writer)
    {
        private int _items;

        public void Document()
        {
            Value(0);
            if (reader.BytesRemaining != 0)
            {
                throw new MalformedDocumentException($"{reader.BytesRemaining} bytes follow the document");
            }
        }

        private void Value(int depth)
        {
            Count(1);
            var state = reader.PeekState();
            if (depth >= MaxDepth && state is (CborReaderState.StartMap or CborReaderState.StartArray or CborReaderState.Tag))
            {
                throw new MalformedDocumentException($"it nests deeper than {MaxDepth} levels");
            }

            switch (state)
            {
                case CborReaderState.StartMap:
                    Map(depth);
                    break;
                case CborReaderState.StartArray:
                    Array(depth);
                    break;
                case CborReaderState.Tag:
                    reader.ReadTag();
                    Value(depth + 1);
                    break;
                default:
                    Scalar();
                    break;
            }
        }

        private void Map(int depth)
        {
            reader.ReadStartMap();
            writer.WriteStartObject();
            while (reader.PeekState() != CborReaderState.EndMap)
            {
                if (reader.PeekState() is not (CborReaderState.TextString or CborReaderState.StartIndefiniteLengthTextString))
                {
                    throw new MalformedDocumentException("a map key is not text");
                }

                writer.WritePropertyName(reader.ReadTextString());
                Value(depth + 1);
            }

            reader.ReadEndMap();
            writer.WriteEndObject();
        }

        private void Array(int depth)
        {
            reader.ReadStartArray();
            writer.WriteStartArray();
            while (reader.PeekState() != CborReaderState.EndArray)
            {
                Value(depth + 1);
            }

            reader.ReadEndArray();
            writer.WriteEndArray();
        }

        private void Scalar()
        {
            switch (reader.PeekState())
            {
                case CborReaderState.UnsignedInteger:
                    writer.WriteNumberValue(reader.ReadUInt64());
                    break;
                case CborReaderState.NegativeInteger:
                    Negative(reader.ReadCborNegativeIntegerRepresentation());
                    break;
                case CborReaderState.TextString or CborReaderState.StartIndefiniteLengthTextString:
                    writer.WriteStringValue(reader.ReadTextString());
                    break;
                case CborReaderState.ByteString or CborReaderState.StartIndefiniteLengthByteString:
                    Bytes(reader.ReadByteString());
                    break;
                case CborReaderState.Boolean:
                    writer.WriteBooleanValue(reader.ReadBoolean());
                    break;
                case CborReaderState.HalfPrecisionFloat or CborReaderState.SinglePrecisionFloat or CborReaderState.DoublePrecisionFloat:
                    Float(reader.ReadDouble());
                    break;
                case CborReaderState.Null:
                    reader.ReadNull();
                    writer.WriteNullValue();
                    break;
                case CborReaderState.SimpleValue when IsUndefined():
                    writer.WriteNullValue();
                    break;
                default:
                    throw new MalformedDocumentException("it holds a simple value that has no JSON form");
            }
        }

        // The reader announces reserved initial bytes as simple values and then refuses to read them.
        private bool IsUndefined()
        {
            try
            {
                return reader.ReadSimpleValue() == CborSimpleValue.Undefined;
            }
            catch (InvalidOperationException)
            {
                return false;
            }
        }

        private void Negative(ulong minusOneMinus)
        {
            if (minusOneMinus > long.MaxValue)
            {
                throw new MalformedDocumentException("it holds an integer below -2^63");
            }

            writer.WriteNumberValue(-1 - (long)minusOneMinus);
        }

        private void Bytes(byte[] bytes)
        {
            Count(bytes.Length);
            writer.WriteStartArray();
            foreach (var value in bytes)
            {
                writer.WriteNumberValue(value);
            }

            writer.WriteEndArray();
        }

        private void Float(double value)
        {
            if (!double.IsFinite(value))
            {
                writer.WriteNullValue();
                return;
            }

            // A float stays a float on the way back: 1.0 must not turn into the integer 1.
            var text = value.ToString("R", CultureInfo.InvariantCulture);
            writer.WriteRawValue(text.AsSpan().IndexOfAny('.', 'E') < 0 ? text + ".0" : text, skipInputValidation: true);
        }

        private void Count(int items)
        {
            _items += items;
            if (_items > MaxItems)
            {
                throw new MalformedDocumentException($"it holds more than {MaxItems} values");
            }
        }
    }
}
