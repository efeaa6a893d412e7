using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Model;

namespace Gtc.Flows;

/// <summary>Something that happened and that a flow shall answer (flows-and-components.md §2.13, worker-runtime.md §5.4).</summary>
public sealed record InboundActivity
{
    /// <summary>The largest request body in bytes.</summary>
    public const int MaxBodyBytes = 1 << 20;

    private static readonly JsonElement Null = JsonElement.Parse("null"u8);

    /// <summary>What the flow sees as <c>entry</c>; read by <see cref="BoundedJson"/>, so that its depth is bounded.</summary>
    public required JsonElement Payload { get; init; }

    /// <summary>The action of a custom activity, e.g. <c>http.request</c>; null for a message.</summary>
    public string? Action { get; init; }

    /// <summary>The kind of flow that shall answer, e.g. <c>messaging</c>; null for any.</summary>
    public string? FlowType { get; init; }

    /// <summary>The pack that shall answer, or null.</summary>
    public string? PackId { get; init; }

    /// <summary>The flow that shall answer, or null.</summary>
    public string? FlowId { get; init; }

    /// <summary>The node to start at, or null for the flow's own start.</summary>
    public string? EntryNode { get; init; }

    /// <summary>The session, or null.</summary>
    public string? SessionId { get; init; }

    /// <summary>The provider it came through, or null.</summary>
    public string? ProviderId { get; init; }

    /// <summary>The messaging endpoint it came through, or null.</summary>
    public string? MessagingEndpointId { get; init; }

    /// <summary>The user, or null.</summary>
    public string? UserId { get; init; }

    /// <summary>The channel, or null.</summary>
    public string? ChannelId { get; init; }

    /// <summary>The conversation, or null.</summary>
    public string? ConversationId { get; init; }

    /// <summary>What the message is known by should it come again, or null.</summary>
    public string? MessageId { get; init; }

    /// <summary>The flow that answers instead when the conversation begins with this message, or null (<c>welcome_flow_hint</c>).</summary>
    public WelcomeHint? Welcome { get; init; }

    /// <summary>
    /// Reads a generic request body: an object with a text <c>text</c> is a message for a messaging flow, anything else a custom
    /// activity <c>http.request</c>. An empty body is JSON null.
    /// </summary>
    /// <param name="body">The body, at most <see cref="MaxBodyBytes"/>.</param>
    /// <param name="caller">Who asks; user and session are only believed of a trusted caller.</param>
    /// <returns>The activity, or <see cref="Refusal.InvalidArgument"/> whose message is the answer's text.</returns>
    public static Outcome<InboundActivity> FromBody(ReadOnlySpan<byte> body, CallerIdentity caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var payload = Null;
        if (!body.IsEmpty && !BoundedJson.Parse(body, "the request body", MaxBodyBytes, allowDuplicates: true).TryGet(out payload, out var refusal))
        {
            return new Refusal.InvalidArgument("request body must be JSON") { Details = [new("found", refusal.Message)] };
        }

        var activity = Text(payload, "text") is not null
            ? new InboundActivity { Payload = OnlyText(payload), FlowType = "messaging" }
            : new InboundActivity { Payload = payload, Action = "http.request" };
        return caller.IsTrusted
            ? activity with
            {
                UserId = caller.UserId ?? Text(payload, "user"),
                SessionId = caller.SessionId ?? Text(payload, "session"),
                MessagingEndpointId = caller.MessagingEndpointId,
            }
            : activity;
    }

    private static string? Text(JsonElement payload, string name) =>
        payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String
            ? member.GetString()
            : null;

    private static JsonElement OnlyText(JsonElement payload) => JsonText.Build(json =>
    {
        json.WriteStartObject();
        json.WritePropertyName("text");
        payload.GetProperty("text").WriteTo(json);
        json.WriteEndObject();
    });
}

/// <summary>The flow that greets at an endpoint.</summary>
/// <param name="PackId">Its pack, by the name of the pack's file or the id that its manifest says.</param>
/// <param name="FlowId">The flow.</param>
public sealed record WelcomeHint(string PackId, string FlowId);

/// <summary>Who sent a generic request.</summary>
/// <param name="IsTrusted">Whether the caller may say who the user is (a loopback peer).</param>
/// <param name="UserId">The user header, or null.</param>
/// <param name="SessionId">The session header, or null.</param>
/// <param name="MessagingEndpointId">The endpoint header, or null.</param>
public sealed record CallerIdentity(bool IsTrusted, string? UserId = null, string? SessionId = null, string? MessagingEndpointId = null)
{
    /// <summary>Somebody from outside.</summary>
    public static CallerIdentity Untrusted { get; } = new(false);
}
