using System.Collections.Immutable;
using System.Text.Json;

namespace Gtc.Flows;

/// <summary>What a flow answered. A flow that failed answers too: its one payload says so in <c>metadata.error_kind</c>.</summary>
public sealed class FlowReply
{
    private readonly InboundActivity _activity;
    private readonly string _tenant;

    internal FlowReply(InboundActivity activity, string tenant, string packId, string flowId, bool failed, long componentCalls, ImmutableArray<JsonElement> payloads)
    {
        _activity = activity;
        _tenant = tenant;
        PackId = packId;
        FlowId = flowId;
        HasFailed = failed;
        ComponentCalls = componentCalls;
        Payloads = payloads;
    }

    /// <summary>The pack that answered.</summary>
    public string PackId { get; }

    /// <summary>The flow that answered.</summary>
    public string FlowId { get; }

    /// <summary>Whether the flow ended in an error.</summary>
    public bool HasFailed { get; }

    /// <summary>The error that the flow ended in, or null.</summary>
    public string? Failure => HasFailed && TemplatePath.Walk(Payloads[0], ["metadata", "error_message"]) is { ValueKind: JsonValueKind.String } message ? message.GetString() : null;

    /// <summary>How many components the flow called, built-in ones included.</summary>
    public long ComponentCalls { get; }

    /// <summary>One payload per reply, in order; may be empty.</summary>
    public ImmutableArray<JsonElement> Payloads { get; }

    /// <summary>The replies as activities (worker-runtime.md §5.4): a JSON array in UTF-8. Absent identity is left out.</summary>
    public ReadOnlyMemory<byte> WriteActivities() => JsonText.Write(json =>
    {
        json.WriteStartArray();
        foreach (var payload in Payloads)
        {
            json.WriteStartObject();
            json.WriteStartObject("kind");
            json.WriteString("kind", "custom");
            json.WriteString("action", "response");
            json.WriteEndObject();
            json.WriteString("tenant", _tenant);
            Optional(json, "session_id", _activity.SessionId);
            Optional(json, "provider_id", _activity.ProviderId);
            Optional(json, "messaging_endpoint_id", _activity.MessagingEndpointId);
            Optional(json, "user_id", _activity.UserId);
            Optional(json, "channel_id", _activity.ChannelId);
            Optional(json, "conversation_id", _activity.ConversationId);
            json.WritePropertyName("payload");
            payload.WriteTo(json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }).WrittenMemory;

    private static void Optional(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
