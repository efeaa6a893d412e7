using System.Text.Json;

namespace Gtc.Flows;

/// <summary>What a flow's reply shows to a person: a card, a text, or something else (worker-runtime.md §5.3, messaging.md §4).</summary>
/// <param name="Payload">The whole payload, taken out of a pause's wrapping.</param>
/// <param name="Card">The card, or null.</param>
/// <param name="Text">The text, or null.</param>
public readonly record struct ReplyContent(JsonElement Payload, JsonElement? Card, string? Text)
{
    private const string CardType = "AdaptiveCard";

    /// <summary>Looks at a reply's payload.</summary>
    public static ReplyContent Of(JsonElement payload)
    {
        if (FlowJump.Text(payload, "status") == "pending" && payload.TryGetProperty("response", out var response))
        {
            payload = response;
        }

        var card = TemplatePath.Walk(payload, ["renderedCard"]) is { ValueKind: JsonValueKind.Object } rendered ? rendered
            : FlowJump.Text(payload, "type") == CardType ? payload
            : default(JsonElement?);
        return new(payload, card, FlowJump.Text(payload, "text"));
    }
}
