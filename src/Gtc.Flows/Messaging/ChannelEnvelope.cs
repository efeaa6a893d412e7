using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Flows;

/// <summary>Messages as providers and flows exchange them (messaging.md §3 and §4).</summary>
public static class ChannelEnvelope
{
    private const string Card = "adaptive_card";

    // What a reply keeps of the message that it answers.
    private static readonly string[] KeptMetadata = ["env", "tenant", "team", "route", "locale", "universal", "autoStart"];

    /// <summary>The same message with the deployment's own tenant: providers do not know it.</summary>
    /// <returns>The envelope, or <see cref="Refusal.MalformedArtifact"/> when it is none.</returns>
    public static Outcome<JsonElement> Received(JsonElement envelope, FlowContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!IsOne(envelope))
        {
            return new Refusal.MalformedArtifact("a channel message is an object with the texts `id`, `channel` and `session_id`");
        }

        return JsonText.Build(json =>
        {
            json.WriteStartObject();
            foreach (var member in envelope.EnumerateObject().Where(member => member.Name != "tenant"))
            {
                member.WriteTo(json);
            }

            json.WriteStartObject("tenant");
            json.WriteString("env", context.EnvironmentId);
            json.WriteString("tenant", context.Tenant);
            json.WriteString("tenant_id", context.Tenant);
            Optional(json, "team", TemplatePath.Walk(envelope, ["tenant", "team"]));
            json.WriteNumber("attempt", 0);
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    /// <summary>What a flow answers.</summary>
    /// <param name="envelope">The message, see <see cref="Received"/>.</param>
    /// <param name="providerType">The provider that it came through.</param>
    /// <param name="endpoint">The endpoint that it came through, or null.</param>
    public static InboundActivity Activity(JsonElement envelope, string providerType, MessagingEndpointId? endpoint) => new()
    {
        Payload = envelope,
        Action = "provider.event",
        FlowType = "messaging",
        SessionId = FlowJump.Text(envelope, "session_id"),
        UserId = TemplatePath.Walk(envelope, ["from", "id"]) is { ValueKind: JsonValueKind.String } user ? user.GetString() : null,
        ProviderId = providerType,
        MessagingEndpointId = endpoint?.ToString(),
        ChannelId = FlowJump.Text(envelope, "channel"),
        ConversationId = TemplatePath.Walk(envelope, ["reply_scope", "conversation"]) is { ValueKind: JsonValueKind.String } conversation ? conversation.GetString() : null,
    };

    /// <summary>
    /// The messages that a flow's replies become. A flow that ends in <c>emit.response</c> lists its last reply twice (flows-and-components.md §2.4); a person
    /// gets it once.
    /// </summary>
    public static ImmutableArray<JsonElement> Replies(JsonElement received, FlowReply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        var payloads = reply.Payloads is [.., var before, var last] && JsonElement.DeepEquals(before, last) ? reply.Payloads[..^1] : reply.Payloads;
        return [.. payloads.Select(payload => Reply(received, payload))];
    }

    /// <summary>The message that a reply of a flow becomes.</summary>
    /// <param name="received">The message that it answers.</param>
    /// <param name="payload">The reply's payload.</param>
    public static JsonElement Reply(JsonElement received, JsonElement payload)
    {
        var content = ReplyContent.Of(payload);
        return IsOne(content.Payload) ? content.Payload : JsonText.Build(json =>
        {
            json.WriteStartObject();
            foreach (var member in received.EnumerateObject().Where(member => member.Name is not ("text" or "attachments" or "metadata" or "extensions")))
            {
                member.WriteTo(json);
            }

            if (content.Text is { } text)
            {
                json.WriteString("text", text);
            }

            json.WriteStartArray("attachments");
            json.WriteEndArray();
            json.WriteStartObject("metadata");
            if (TemplatePath.Walk(received, ["metadata"]) is { ValueKind: JsonValueKind.Object } metadata)
            {
                foreach (var member in metadata.EnumerateObject().Where(member => KeptMetadata.Contains(member.Name)))
                {
                    member.WriteTo(json);
                }
            }

            if (content.Card is { } card)
            {
                json.WriteString(Card, card.GetRawText());
            }

            json.WriteEndObject();
            if (content.Card is { } shown)
            {
                json.WriteStartObject("extensions");
                json.WritePropertyName(Card);
                shown.WriteTo(json);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        });
    }

    private static bool IsOne(JsonElement value) =>
        FlowJump.Text(value, "id") is not null && FlowJump.Text(value, "channel") is not null && FlowJump.Text(value, "session_id") is not null;

    private static void Optional(Utf8JsonWriter json, string name, JsonElement? value)
    {
        if (value is { ValueKind: JsonValueKind.String } text)
        {
            json.WritePropertyName(name);
            text.WriteTo(json);
        }
    }
}
