using System.Formats.Cbor;
using System.Globalization;
using System.Text.Json;

namespace Gtc.Artifacts.Cbor;

/// <summary>Copies one CBOR document into a JSON writer; see <see cref="CborDocument"/> for what becomes of what.</summary>
internal sealed class CborTranscoder(CborReader reader, Utf8JsonWriter writer)
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
        if (depth >= CborDocument.MaxDepth && state is (CborReaderState.StartMap or CborReaderState.StartArray or CborReaderState.Tag))
        {
            throw new MalformedDocumentException($"it nests deeper than {CborDocument.MaxDepth} levels");
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
        if (_items > CborDocument.MaxItems)
        {
            throw new MalformedDocumentException($"it holds more than {CborDocument.MaxItems} values");
        }
    }
}
