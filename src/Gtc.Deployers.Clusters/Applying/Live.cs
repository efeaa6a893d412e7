using System.Globalization;
using System.Text.Json;

namespace Gtc.Deployers.Clusters;

/// <summary>Reads members of objects as a server gave them; what is absent or of another shape is null.</summary>
internal static class Live
{
    /// <summary>The member that a path leads to, or an undefined element.</summary>
    public static JsonElement At(this JsonElement item, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty(name, out item))
            {
                return default;
            }
        }

        return item;
    }

    /// <summary>A text, or null.</summary>
    public static string? Text(this JsonElement item, params ReadOnlySpan<string> path) => item.At(path) is { ValueKind: JsonValueKind.String } found ? found.GetString() : null;

    /// <summary>A whole number, or null.</summary>
    public static long? Number(this JsonElement item, params ReadOnlySpan<string> path) => item.At(path) is { ValueKind: JsonValueKind.Number } found && found.TryGetInt64(out var number) ? number : null;

    /// <summary>A time, or null.</summary>
    public static DateTimeOffset? Time(this JsonElement item, params ReadOnlySpan<string> path) =>
        DateTimeOffset.TryParse(item.Text(path), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    /// <summary>The items of a list; none when there is no list.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement item, params ReadOnlySpan<string> path) => item.At(path) is { ValueKind: JsonValueKind.Array } found ? found.EnumerateArray() : [];

    /// <summary>A member of the metadata.</summary>
    public static string? Meta(this JsonElement item, string name) => item.Text("metadata", name);

    /// <summary>A label.</summary>
    public static string? Label(this JsonElement item, string name) => item.Text("metadata", "labels", name);

    /// <summary>An annotation.</summary>
    public static string? Annotation(this JsonElement item, string name) => item.Text("metadata", "annotations", name);
}
