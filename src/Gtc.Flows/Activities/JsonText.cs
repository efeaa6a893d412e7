using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gtc.Flows;

/// <summary>Builds JSON values; every value owns its memory and may be read from several threads.</summary>
internal static class JsonText
{
    /// <summary>How deep a payload may nest.</summary>
    public const int MaxDepth = 128;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ArrayBufferWriter<byte> Write(Action<Utf8JsonWriter> value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, Options);
        value(writer);
        writer.Flush();
        return buffer;
    }

    // What the engine wraps around payloads (state, nodes) may nest a little deeper than a payload may.
    public static JsonElement Build(Action<Utf8JsonWriter> value) =>
        JsonElement.Parse(Write(value).WrittenSpan, new JsonDocumentOptions { MaxDepth = MaxDepth + 16 });

    /// <summary>A value's length as text, in bytes.</summary>
    public static int Size(JsonElement value) => JsonMarshal.GetRawUtf8Value(value).Length;

    /// <summary>A text as JSON.</summary>
    public static string OfText(string text) => System.Text.Encoding.UTF8.GetString(Write(json => json.WriteStringValue(text)).WrittenSpan);

    public static JsonElement Parse(ReadOnlySpan<byte> utf8) => JsonElement.Parse(utf8, new JsonDocumentOptions { MaxDepth = MaxDepth });
}
