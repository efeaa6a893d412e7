using System.Text.Json;

namespace Gtc.Cli.Demo;

/// <summary>Reads what a worker has logged: one JSON object per line, among other lines.</summary>
internal static class WorkerLog
{
    /// <summary>The lines of a file; none when it is not there.</summary>
    public static IEnumerable<string> Read(string path) => File.Exists(path) ? File.ReadLines(path) : [];

    /// <summary>The last line with an event id, or null.</summary>
    public static JsonElement? Find(IEnumerable<string> lines, int eventId)
    {
        JsonElement? found = null;
        foreach (var line in Parse(lines))
        {
            if (line.TryGetProperty("event", out var id) && id.GetInt32() == eventId)
            {
                found = line;
            }
        }

        return found;
    }

    /// <summary>The message of the last line, or a sentence that there is none.</summary>
    public static string LastMessage(IEnumerable<string> lines) =>
        Parse(lines).LastOrDefault() is { ValueKind: JsonValueKind.Object } line && line.TryGetProperty("message", out var message)
            ? message.GetString()!
            : "it logged nothing";

    /// <summary>The line that says what is served and where, or null when the worker does not listen yet.</summary>
    public static string? Banner(IEnumerable<string> lines) => lines.LastOrDefault(line => line.EndsWith("Press Ctrl+C to stop.", StringComparison.Ordinal));

    private static IEnumerable<JsonElement> Parse(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            JsonElement element;
            try
            {
                element = JsonElement.Parse(line);
            }
            catch (JsonException)
            {
                // The banner, or a line that the worker is still writing.
                continue;
            }

            yield return element;
        }
    }
}
