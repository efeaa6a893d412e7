using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Cli.Output;

/// <summary>The one JSON line that a verb prints (op-cli.md §2).</summary>
internal static class Envelope
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary><c>{"op":…,"noun":…,"result":…}</c></summary>
    public static string Success(string noun, string verb, Action<Utf8JsonWriter> result) => Line(noun, verb, "result", result);

    /// <summary><c>{"op":…,"noun":…,"error":{"kind":…,"message":…,"details":[…]?,"next":…?}}</c></summary>
    public static string Failure(string noun, string verb, Refusal refusal) => Line(noun, verb, "error", writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("kind", ErrorKinds.Of(refusal));
        writer.WriteString("message", refusal.Message);
        if (!refusal.Details.IsEmpty)
        {
            writer.WriteStartArray("details");
            foreach (var detail in refusal.Details)
            {
                writer.WriteStartObject();
                writer.WriteString("label", detail.Label);
                writer.WriteString("value", detail.Value);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        if (refusal.Next is { } next)
        {
            writer.WriteString("next", next);
        }

        writer.WriteEndObject();
    });

    private static string Line(string noun, string verb, string member, Action<Utf8JsonWriter> value)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, Compact))
        {
            writer.WriteStartObject();
            writer.WriteString("op", verb);
            writer.WriteString("noun", noun);
            writer.WritePropertyName(member);
            value(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
