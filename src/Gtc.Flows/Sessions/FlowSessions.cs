using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;

namespace Gtc.Flows;

/// <summary>Parks runs and finds them again when their session's next message comes (flows-and-components.md §2.11, §2.13).</summary>
internal sealed class FlowSessions(IParkedSessions parked)
{
    /// <summary>
    /// The key of an activity's session; null for callers of whom nothing is known: two of them would otherwise go on in each other's
    /// conversation.
    /// </summary>
    public static string? KeyOf(InboundActivity activity, FlowContext context, LoadedFlow flow)
    {
        if (activity.SessionId is null && activity.UserId is null && activity.ConversationId is null)
        {
            return null;
        }

        var channel = activity.ChannelId ?? flow.Flow.Id;
        string?[] parts =
        [
            context.EnvironmentId, context.Tenant, context.DeploymentId, flow.Pack.PackId, activity.MessagingEndpointId, activity.ProviderId ?? "provider",
            activity.SessionId, channel, activity.ConversationId ?? channel, activity.UserId,
        ];
        return Convert.ToHexStringLower(SHA256.HashData(Canonical(parts)));
    }

    /// <summary>Takes what waits for a session.</summary>
    /// <returns>The flow, its scope with the new entry, and the node to go on at; null when nothing waits, or it waits in a flow that is no more.</returns>
    public ParkedPlace? Resume(string key, ImmutableArray<LoadedFlow> flows, LoadedFlow chosen, FlowScope fresh)
    {
        if (parked.Take(key) is not { } bytes)
        {
            return null;
        }

        var snapshot = JsonElement.Parse(bytes.Span, new JsonDocumentOptions { MaxDepth = JsonText.MaxDepth + 16 });
        var flow = flows.FirstOrDefault(flow => flow.Pack.PackId == chosen.Pack.PackId && flow.Flow.Id == FlowJump.Text(snapshot, "flow_id"));
        var node = FlowJump.Text(snapshot, "next_node");
        if (flow is null || node is null || !flow.Has(node))
        {
            return null;
        }

        var isAwaitingSubmit = snapshot.GetProperty("awaiting_submit").GetBoolean();
        fresh.Restore(snapshot.GetProperty("state"), isAwaitingSubmit);
        return new(flow, fresh, node, isAwaitingSubmit);
    }

    /// <summary>Keeps where a run waits.</summary>
    public void Park(string key, ParkedPlace place) => parked.Park(key, JsonText.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("pack_id", place.Flow.Pack.PackId);
        json.WriteString("flow_id", place.Flow.Flow.Id);
        json.WriteString("next_node", place.NodeId);
        json.WriteBoolean("awaiting_submit", place.IsAwaitingSubmit);
        json.WritePropertyName("state");
        place.Scope.Save(json);
        json.WriteEndObject();
    }).WrittenSpan.ToArray());

    // Written as JSON, so that no part can pretend to be two.
    private static ReadOnlySpan<byte> Canonical(string?[] parts) => JsonText.Write(json =>
    {
        json.WriteStartArray();
        Array.ForEach(parts, json.WriteStringValue);
        json.WriteEndArray();
    }).WrittenSpan;
}
