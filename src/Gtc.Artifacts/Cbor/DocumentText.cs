using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gtc.Artifacts.Cbor;

/// <summary>Writes JSON documents the one way this assembly does: indented by two, LF, one final line end, only what must be escaped is.</summary>
internal static class DocumentText
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a document whose root is an object; the callback writes its members.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Indented))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Builds a value in memory; the callback writes its members.</summary>
    public static JsonElement Build(Action<Utf8JsonWriter> members) => JsonElement.Parse(Write(members));

    public static void WriteTexts(this Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}
