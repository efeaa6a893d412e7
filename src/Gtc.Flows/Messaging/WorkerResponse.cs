using System.Text.Json;

namespace Gtc.Flows;

/// <summary>Writes the answer of <c>POST /workers/invoke</c> (worker-runtime.md §5.3).</summary>
public static class WorkerResponse
{
    /// <summary>JSON in UTF-8.</summary>
    /// <param name="request">What is answered; most of it is echoed.</param>
    /// <param name="reply">What the flow answered.</param>
    /// <param name="now">The time.</param>
    public static ReadOnlyMemory<byte> Write(WorkerRequest request, FlowReply reply, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(reply);
        return JsonText.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("version", request.Version);
            json.WritePropertyName("tenant");
            request.TenantContext.WriteTo(json);
            json.WriteString("worker_id", request.WorkerId);
            json.WriteString("timestamp_utc", now.UtcDateTime);
            json.WriteStartArray("messages");
            foreach (var payload in reply.Payloads)
            {
                Message(json, ReplyContent.Of(payload));
            }

            json.WriteEndArray();
            json.WriteString("correlation_id", request.CorrelationId);
            json.WriteString("session_id", request.SessionId);
            json.WriteString("thread_id", request.ThreadId);
            json.WriteEndObject();
        }).WrittenMemory;
    }

    private static void Message(Utf8JsonWriter json, ReplyContent content)
    {
        json.WriteStartObject();
        json.WriteString("kind", content switch
        {
            { Card: not null } => "adaptive-card",
            { Text: not null } => "text",
            _ => "activity",
        });
        json.WritePropertyName("payload");
        (content.Card ?? content.Payload).WriteTo(json);
        json.WriteEndObject();
    }
}
