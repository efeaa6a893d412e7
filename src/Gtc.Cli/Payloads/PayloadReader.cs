using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gtc.Model;

namespace Gtc.Cli.Payloads;

/// <summary>Turns checked JSON into a verb's record.</summary>
internal static class PayloadReader
{
    /// <summary>Reads a payload; the refusal names every member that is wrong or missing.</summary>
    public static Outcome<T> Read<T>(JsonElement payload, JsonTypeInfo<T> type, string example)
        where T : class
    {
        if (PayloadCheck.Find(payload, PayloadShape.Of(type), example) is { } refusal)
        {
            return refusal;
        }

        try
        {
            return payload.Deserialize(type) is { } read ? read : new Refusal.UnreadableAnswers("the payload is null, an object was expected");
        }
        catch (JsonException error)
        {
            return new Refusal.UnreadableAnswers($"`{error.Path}` cannot be read");
        }
    }
}
