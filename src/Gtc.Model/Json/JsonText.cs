using System.Text.Json;
using System.Text.Unicode;

namespace Gtc.Model;

/// <summary>Checks the text inside JSON. The JSON reader looks at a value that it only keeps when someone asks for its text, and then throws.</summary>
internal static class JsonText
{
    /// <summary>False when the bytes are not UTF-8, or a string holds an escaped half of a character. Whether they are JSON at all is the parser's to say.</summary>
    public static bool IsText(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            return false;
        }

        var reader = new Utf8JsonReader(json);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                {
                    _ = reader.GetString();
                }
            }
        }
        catch (InvalidOperationException)
        {
            return false;
        }
        catch (JsonException)
        {
            // The parser stops at the same place and says it better.
        }

        return true;
    }
}
