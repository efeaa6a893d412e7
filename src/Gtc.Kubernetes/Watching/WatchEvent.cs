using System.Buffers;
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
        Item.ValueKind == JsonValueKind.Object && Item.TryGetProperty("metadata", out var metadata) ? KubeTransport.Text(metadata, "resourceVersion") : null;

    /// <summary>Reads one line of a watch.</summary>
    internal static WatchEvent Parse(ReadOnlySequence<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            var json = JsonElement.ParseValue(ref reader);
            var item = json.GetProperty("object");
            return json.GetProperty("type").GetString() switch
            {
                "ADDED" => Of(WatchEventKind.Added, item),
                "MODIFIED" => Of(WatchEventKind.Modified, item),
                "DELETED" => Of(WatchEventKind.Deleted, item),
                "BOOKMARK" => Of(WatchEventKind.Bookmark, item),
                "ERROR" => new WatchEvent(WatchEventKind.Failed, item, ErrorOf(item)),
                _ => NoEvent,
            };
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return NoEvent;
        }
    }

    private static WatchEvent NoEvent => new(WatchEventKind.Failed, default, new KubeError(KubeErrorKind.Unavailable, "a line of the watch is no event"));

    private static WatchEvent Of(WatchEventKind kind, JsonElement item) =>
        new WatchEvent(kind, item) is { ResourceVersion: not null } happened && (kind == WatchEventKind.Bookmark || KubeKey.Of(item) is not null) ? happened : NoEvent;

    private static KubeError ErrorOf(JsonElement status)
    {
        var code = status.TryGetProperty("code", out var number) && number.TryGetInt32(out var value) ? value : 0;
        return new KubeError(code == 410 ? KubeErrorKind.Gone : KubeErrorKind.Unavailable, KubeTransport.Text(status, "message") ?? "no reason given", code);
    }
}
