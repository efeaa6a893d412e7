using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gtc.Flows;

/// <summary>
/// Renders the templates of an input mapping (flows-and-components.md §2.6). A text that is exactly one <c>{{ path }}</c> becomes
/// the value with its type; any other text gets the values as text, without escaping. What is missing is the empty text. Blocks,
/// partials and helper calls are refused rather than passed over.
/// </summary>
/// <param name="scope">What templates see.</param>
/// <param name="maxBytes">The largest result.</param>
/// <param name="names">
/// For maps, what they see besides; <see cref="Subject"/> names what is mapped, whose members are seen without a name. In a map a text that begins with a slash is a
/// JSON pointer, and what it points at must be there.
/// </param>
internal sealed class MappingRenderer(FlowScope scope, int maxBytes, IReadOnlyDictionary<string, JsonElement>? names = null)
{
    /// <summary>The name of what is mapped.</summary>
    public const string Subject = "";

    private const string Open = "{{";
    private const string Close = "}}";

    public JsonElement Render(JsonElement mapping)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        Value(mapping, writer);
        writer.Flush();
        try
        {
            return JsonText.Parse(buffer.WrittenSpan);
        }
        catch (JsonException)
        {
            throw new FlowFault($"the payload nests deeper than {JsonText.MaxDepth} levels");
        }
    }

    private void Value(JsonElement value, Utf8JsonWriter writer)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    writer.WritePropertyName(member.Name);
                    Value(member.Value, writer);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    Value(item, writer);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                Text(value.GetString()!, writer);
                break;
            default:
                value.WriteTo(writer);
                break;
        }

        if (writer.BytesCommitted + writer.BytesPending > maxBytes)
        {
            throw TooLarge();
        }
    }

    private void Text(string text, Utf8JsonWriter writer)
    {
        if (names is not null && text.StartsWith('/'))
        {
            var pointed = Find(TemplatePath.FromPointer(text).AsSpan()) ?? throw new FlowFault($"mapping path `{text}` not found");
            pointed.WriteTo(writer);
        }
        else if (!text.Contains(Open, StringComparison.Ordinal))
        {
            writer.WriteStringValue(text);
        }
        else if (WholePath(text) is { } whole)
        {
            if (Lookup(whole) is { } found)
            {
                found.WriteTo(writer);
            }
            else
            {
                writer.WriteStringValue(string.Empty);
            }
        }
        else
        {
            writer.WriteStringValue(Mixed(text));
        }
    }

    private static string? WholePath(string text) =>
        text.StartsWith(Open, StringComparison.Ordinal)
        && text.IndexOf(Close, StringComparison.Ordinal) == text.Length - Close.Length
        && text.LastIndexOf(Open, StringComparison.Ordinal) == 0
        && text.Length > 4 && text[2] is not ('{' or '!')
            ? text[2..^2]
            : null;

    private string Mixed(string text)
    {
        var result = new StringBuilder();
        var rest = text.AsSpan();
        while (rest.IndexOf(Open) is >= 0 and var open)
        {
            result.Append(rest[..open]);
            rest = rest[open..];

            // Three braces mean "do not escape" where escaping exists; here both spellings are the same.
            var (start, stop) = rest.StartsWith("{{{") ? (3, "}}}") : (2, Close);
            var end = rest[start..].IndexOf(stop);
            if (end < 0)
            {
                break;
            }

            var expression = rest.Slice(start, end);
            if (!expression.StartsWith("!"))
            {
                Append(result, Lookup(expression));
            }

            rest = rest[(start + end + stop.Length)..];
            if (result.Length > maxBytes)
            {
                throw TooLarge();
            }
        }

        return result.Append(rest).ToString();
    }

    private JsonElement? Lookup(ReadOnlySpan<char> expression) => TemplatePath.Parse(expression) is { } path
        ? Find(path.AsSpan())
        : throw new FlowFault($"the template expression `{{{{{expression.Trim()}}}}}` is not a path; blocks and helpers are not supported");

    private JsonElement? Find(ReadOnlySpan<string> path) =>
        names is null ? scope.Lookup(path)
        : names.TryGetValue(path[0], out var named) ? TemplatePath.Walk(named, path[1..])
        : scope.Lookup(path) ?? TemplatePath.Walk(names[Subject], path);

    private static void Append(StringBuilder result, JsonElement? value)
    {
        if (value is { } found && found.ValueKind != JsonValueKind.Null)
        {
            result.Append(found.ValueKind == JsonValueKind.String ? found.GetString() : found.GetRawText());
        }
    }

    private FlowFault TooLarge() => new($"the payload is larger than {maxBytes} bytes");
}
