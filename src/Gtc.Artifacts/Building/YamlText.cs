using System.Text;
using System.Text.Json;

namespace Gtc.Artifacts.Building;

/// <summary>Writes JSON as block-style YAML. A text is plain only when no reader could take it for anything else; otherwise it is quoted as in JSON, which YAML reads too.</summary>
internal static class YamlText
{
    public static byte[] Write(JsonElement root)
    {
        var text = new StringBuilder();
        Members(text, root, 0);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Members(StringBuilder text, JsonElement mapping, int indent)
    {
        foreach (var member in mapping.EnumerateObject())
        {
            text.Append(' ', indent).Append(Scalar(member.Name)).Append(':');
            Value(text, member.Value, indent);
        }
    }

    private static void Value(StringBuilder text, JsonElement value, int indent)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object when value.GetPropertyCount() > 0:
                text.Append('\n');
                Members(text, value, indent + 2);
                break;
            case JsonValueKind.Array when value.GetArrayLength() > 0:
                text.Append('\n');
                foreach (var item in value.EnumerateArray())
                {
                    text.Append(' ', indent).Append('-');
                    Item(text, item, indent + 2);
                }

                break;
            case JsonValueKind.String:
                text.Append(' ').Append(Scalar(value.GetString()!)).Append('\n');
                break;
            default:
                text.Append(' ').Append(value.GetRawText()).Append('\n');
                break;
        }
    }

    private static void Item(StringBuilder text, JsonElement item, int indent)
    {
        if (item.ValueKind != JsonValueKind.Object || item.GetPropertyCount() == 0)
        {
            Value(text, item, indent);
            return;
        }

        // The first member stands on the dash's line, the others below it.
        var block = new StringBuilder();
        Members(block, item, indent);
        text.Append(' ').Append(block.ToString().AsSpan(indent));
    }

    private static string Scalar(string text)
    {
        var isPlain = text.Length > 0 && char.IsAsciiLetter(text[0])
            && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-' or '/')
            && text.ToUpperInvariant() is not ("NULL" or "TRUE" or "FALSE" or "YES" or "NO" or "ON" or "OFF" or "Y" or "N");
        return isPlain ? text : $"\"{JsonEncodedText.Encode(text)}\"";
    }
}
