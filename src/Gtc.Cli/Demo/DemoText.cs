using System.Globalization;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Cli.Demo;

/// <summary>How the demo words sizes, times, ids and answers.</summary>
internal static class DemoText
{
    public static string Ms(JsonElement line) => $"{line.GetProperty("elapsed_ms").GetDouble().ToString("F1", CultureInfo.InvariantCulture)} ms";

    public static string Size(long bytes) => bytes < 10 << 20
        ? $"{(bytes / 1024.0).ToString("F1", CultureInfo.InvariantCulture)} KiB"
        : $"{(bytes / 1048576.0).ToString("F1", CultureInfo.InvariantCulture)} MiB";

    public static string Short(Sha256Digest digest) => $"sha256:{digest.Hex[..6]}…";

    public static string Shorten(string id) => $"{id[..4]}…{id[^2..]}";

    /// <summary>The text of the first reply, or why the flow failed.</summary>
    public static string Reply(string body)
    {
        var payload = JsonElement.Parse(body) is { ValueKind: JsonValueKind.Array } replies && replies.GetArrayLength() > 0
            ? replies[0].GetProperty("payload")
            : default;
        if (payload.ValueKind != JsonValueKind.Object)
        {
            return body;
        }

        if (payload.TryGetProperty("text", out var text))
        {
            return $"\"{text.GetString()}\"";
        }

        return payload.TryGetProperty("metadata", out var metadata) && metadata.TryGetProperty("error_kind", out var kind)
            ? $"{kind.GetString()}: {metadata.GetProperty("error_message").GetString()}"
            : payload.GetRawText();
    }

    /// <summary>What <c>/status</c> says is active, in words.</summary>
    public static string Active(JsonElement status) =>
        $"bundles_active {status.GetProperty("bundles_active")} · deployments_routed {status.GetProperty("deployments_routed")} · revisions_active {status.GetProperty("revisions_active")}";
}
