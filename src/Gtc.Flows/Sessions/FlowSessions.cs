using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Flows;

/// <summary>Parks runs and finds them again when their session's next message comes (flows-and-components.md §2.11, §2.13).</summary>
internal sealed class FlowSessions(IParkedSessions parked)
{
    /// <summary>
    /// The key of an activity's session; null for callers of whom nothing is known: two of them would otherwise go on in each other's
    /// conversation.
    /// </summary>
    /// <param name="activity">The activity.</param>
    /// <param name="context">Where its flow runs.</param>
    /// <param name="chosen">The flow that was chosen for it; it stands for the channel where there is none.</param>
    /// <param name="packId">The pack whose session it is; null for the conversation as a whole.</param>
    public static string? KeyOf(InboundActivity activity, FlowContext context, LoadedFlow chosen, string? packId)
    {
        if (activity.SessionId is null && activity.UserId is null && activity.ConversationId is null)
        {
            return null;
        }

        var channel = activity.ChannelId ?? chosen.Flow.Id;
        string?[] parts =
        [
            context.EnvironmentId, context.Tenant, context.DeploymentId, packId, activity.MessagingEndpointId, activity.ProviderId ?? "provider",
            activity.SessionId, channel, activity.ConversationId ?? channel, activity.UserId,
        ];
        return Convert.ToHexStringLower(SHA256.HashData(Canonical(parts)));
    }

    /// <summary>Takes what waits for a session.</summary>
    /// <returns>The flow, its scope with the new entry, and the node to go on at; null when nothing waits, or it waits in a flow that is no more.</returns>
    /// <exception cref="FlowFault">It cannot be known whether something waits.</exception>
    public ParkedPlace? Resume(string key, ImmutableArray<LoadedFlow> flows, LoadedFlow chosen, FlowScope fresh, CancellationToken cancellationToken)
    {
        if (!parked.Take(key, cancellationToken).TryGet(out var bytes, out var refusal))
        {
            throw new FlowFault($"the session cannot be looked up: {refusal.Message}");
        }

        if (bytes is not { } taken || Snapshot(taken.Span) is not { } snapshot)
        {
            return null;
        }

        var flow = flows.FirstOrDefault(flow => flow.Pack.PackId == chosen.Pack.PackId && flow.Flow.Id == FlowJump.Text(snapshot, "flow_id"));
        var node = FlowJump.Text(snapshot, "next_node");
        if (flow is null || node is null || !flow.Has(node))
        {
            return null;
        }

        var isAwaitingSubmit = TemplatePath.Walk(snapshot, ["awaiting_submit"]) is { ValueKind: JsonValueKind.True };
        return fresh.TryRestore(TemplatePath.Walk(snapshot, ["state"]), isAwaitingSubmit) ? new(flow, fresh, node, isAwaitingSubmit) : null;
    }

    /// <summary>Keeps where a run waits.</summary>
    /// <returns>Null, or why it cannot be kept.</returns>
    public Refusal? Park(string key, ParkedPlace place) => parked.Park(key, JsonText.Write(json =>
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

    // A store outside this process may hold what another edition of this program wrote, or anybody.
    private static JsonElement? Snapshot(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonElement.Parse(bytes, new JsonDocumentOptions { MaxDepth = JsonText.MaxDepth + 16 });
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Written as JSON, so that no part can pretend to be two.
    private static ReadOnlySpan<byte> Canonical(string?[] parts) => JsonText.Write(json =>
    {
        json.WriteStartArray();
        Array.ForEach(parts, json.WriteStringValue);
        json.WriteEndArray();
    }).WrittenSpan;
}
