using System.Buffers;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>A refusal as JSON, so that a retry, or the caller of a server, is refused in the same words: <c>{kind, message, details: [[label, value]], next}</c>.</summary>
public static class KeptRefusal
{
    /// <summary>Compact JSON.</summary>
    public static byte[] Write(Refusal refusal)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, JournalRecord.Compact))
        {
            writer.WriteStartObject();
            writer.WriteString("kind", ErrorKinds.Of(refusal));
            writer.WriteString("message", refusal.Message);
            writer.WriteStartArray("details");
            foreach (var detail in refusal.Details)
            {
                writer.WriteStartArray();
                writer.WriteStringValue(detail.Label);
                writer.WriteStringValue(detail.Value);
                writer.WriteEndArray();
            }

            writer.WriteEndArray();
            writer.WriteString("next", refusal.Next);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The refusal; its type is the plainest one of its kind.</summary>
    public static Refusal Read(JsonElement kept)
    {
        var message = kept.GetProperty("message").GetString()!;
        return Plain(kept.GetProperty("kind").GetString()!, message) with
        {
            Details = [.. kept.GetProperty("details").EnumerateArray().Select(pair => new RefusalDetail(pair[0].GetString()!, pair[1].GetString()!))],
            Next = kept.GetProperty("next").GetString(),
        };
    }

    /// <summary>As <see cref="Read"/>, of something that may be anything; null when it is no refusal.</summary>
    public static Refusal? TryRead(JsonElement given)
    {
        try
        {
            return Read(given);
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException or ArgumentNullException)
        {
            return null;
        }
    }

    private static Refusal Plain(string kind, string message) => kind switch
    {
        "not-found" => new Refusal.Missing(message),
        "conflict" => new Refusal.Conflict(message),
        "invalid-argument" => new Refusal.InvalidArgument(message),
        "unauthorized" => new Refusal.Unauthorized(message),
        "fetch" => new Refusal.FetchFailed(message),
        "io" => new Refusal.FileFailed(message),
        "transport" => new Refusal.Unreachable(message),
        "audit" => new Refusal.AuditFailed(message),
        "revenue-policy" => new Refusal.RevenuePolicyFailed(message),
        "trust-root" => new Refusal.TrustRootFailed(message),
        "operator-key" => new Refusal.OperatorKeyFailed(message),
        "spec" => new Refusal.InvalidDocument("", message),
        "answers-parse" => new Refusal.UnreadableAnswers(message),
        "provider" => new DeployerRefusal.Provider(message),
        _ => new Refusal.StoreFailed(message),
    };
}
