using System.Text.Json;

namespace Gtc.Cli.Demo;

/// <summary>Reads what a worker has logged: one JSON object per line.</summary>
internal static class WorkerLog
{
    /// <summary>The last line with an event id, or null.</summary>
    public static JsonElement? Find(string path, int eventId)
    {
        JsonElement? found = null;
        foreach (var line in Lines(path))
        {
            if (line.TryGetProperty("event", out var id) && id.GetInt32() == eventId)
            {
                found = line;
            }
        }

        return found;
    }

    /// <summary>The message of the last line, or a sentence that there is none.</summary>
    public static string LastMessage(string path) =>
        Lines(path).LastOrDefault() is { ValueKind: JsonValueKind.Object } line && line.TryGetProperty("message", out var message)
            ? message.GetString()!
            : "it logged nothing";

    private static IEnumerable<JsonElement> Lines(string path)
    {
        if (!File.Exists(path))
        {
            yield break;
        }

        foreach (var line in File.ReadLines(path))
        {
            JsonElement element;
            try
            {
                element = JsonElement.Parse(line);
            }
            catch (JsonException)
            {
                // The worker is still writing this line.
                continue;
            }

            yield return element;
        }
    }
}
