using System.Text.Json;

namespace Gtc.Kubernetes;

/// <summary>What happened to an object.</summary>
public enum WatchEventKind
{
    /// <summary>It came.</summary>
    Added,

    /// <summary>It changed.</summary>
    Modified,

    /// <summary>It went.</summary>
    Deleted,

    /// <summary>Nothing; the version moved on.</summary>
    Bookmark,

    /// <summary>The watch ended with an error.</summary>
    Failed,
}

/// <summary>One event of a watch.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Item">The object; for a bookmark its metadata alone.</param>
/// <param name="Error">Why the watch ended.</param>
public sealed record WatchEvent(WatchEventKind Kind, JsonElement Item, KubeError? Error = null)
{
    /// <summary>The version that this event brings.</summary>
    public string? ResourceVersion =>
        Item.ValueKind == JsonValueKind.Object && Item.TryGetProperty("metadata", out var metadata) && metadata.TryGetProperty("resourceVersion", out var version) ? version.GetString() : null;

    /// <summary>Reads one line of a watch.</summary>
    internal static WatchEvent Parse(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var item = json.RootElement.GetProperty("object").Clone();
            return json.RootElement.GetProperty("type").GetString() switch
            {
                "ADDED" => new WatchEvent(WatchEventKind.Added, item),
                "MODIFIED" => new WatchEvent(WatchEventKind.Modified, item),
                "DELETED" => new WatchEvent(WatchEventKind.Deleted, item),
                "BOOKMARK" => new WatchEvent(WatchEventKind.Bookmark, item),
                _ => new WatchEvent(WatchEventKind.Failed, item, ErrorOf(item)),
            };
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return new WatchEvent(WatchEventKind.Failed, default, new KubeError(KubeErrorKind.Unavailable, "a line of the watch is no event"));
        }
    }

    private static KubeError ErrorOf(JsonElement status)
    {
        var code = status.TryGetProperty("code", out var number) && number.TryGetInt32(out var value) ? value : 0;
        var message = status.TryGetProperty("message", out var text) ? text.GetString() ?? "" : "";
        return new KubeError(code == 410 ? KubeErrorKind.Gone : KubeErrorKind.Unavailable, message, code);
    }
}
