using System.Text.Json;
using Gtc.Model;

namespace Gtc.Artifacts.Cbor;

/// <summary>
/// Reads JSON from outside with a size bound and a depth bound. What it returns can be walked without surprises: every string and
/// every member name is whole text (an escaped half of a surrogate pair, which <see cref="JsonElement"/> only reports when it is
/// touched, is refused here).
/// </summary>
public static class BoundedJson
{
    /// <summary>How deep arrays and objects may nest.</summary>
    public const int MaxDepth = 64;

    /// <summary>Parses one JSON document.</summary>
    /// <param name="utf8">The document; a byte order mark is not accepted.</param>
    /// <param name="what">What it is, for the refusal, e.g. <c>bundle-manifest.json</c>.</param>
    /// <param name="maxBytes">The largest accepted size in bytes.</param>
    /// <param name="allowDuplicates">Whether a repeated member is accepted (the last one counts).</param>
    /// <returns>An element that owns its memory, or <see cref="Refusal.MalformedArtifact"/>.</returns>
    public static Outcome<JsonElement> Parse(ReadOnlySpan<byte> utf8, string what, int maxBytes, bool allowDuplicates = false)
    {
        if (utf8.Length > maxBytes)
        {
            return new Refusal.MalformedArtifact($"{what} is larger than {maxBytes} bytes")
            {
                Details = [new("found", $"{utf8.Length} bytes")],
            };
        }

        try
        {
            CheckText(utf8);
            return JsonElement.Parse(utf8, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = allowDuplicates });
        }
        catch (JsonException exception)
        {
            return new Refusal.MalformedArtifact($"{what} is not JSON: {exception.Message}");
        }
        catch (InvalidOperationException)
        {
            return new Refusal.MalformedArtifact($"{what} is not JSON: a text holds half of a surrogate pair");
        }
    }

    private static void CheckText(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
            {
                _ = reader.GetString();
            }
        }
    }
}
