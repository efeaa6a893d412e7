using System.Text.Json;

namespace Gtc.Flows;

/// <summary>Sees what runs of flows do, for people who look into them. It is told on the thread of the run, and must not throw.</summary>
public interface IFlowObserver
{
    /// <summary>A node ran.</summary>
    void Ran(FlowNodeRun run);
}

/// <summary>One node that ran.</summary>
/// <param name="PackId">The pack.</param>
/// <param name="FlowId">The flow.</param>
/// <param name="Depth">How many flows called each other to come here.</param>
/// <param name="NodeId">The node.</param>
/// <param name="Component">What it ran: a component, or a built-in.</param>
/// <param name="Operation">Which operation, or null.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="Output">What it gave; null when it failed or waits.</param>
/// <param name="Error">Why the flow fails here, or null.</param>
/// <param name="Next">Where the flow goes, or null when it failed.</param>
public sealed record FlowNodeRun(
    string PackId, string FlowId, int Depth, string NodeId, string Component, string? Operation, TimeSpan Elapsed, JsonElement? Output, string? Error, FlowNext? Next);

/// <summary>Where a flow goes after a node.</summary>
/// <param name="Kind">What follows.</param>
/// <param name="Target">The node, of <see cref="FlowNextKind.Jump"/> with its flow as <c>flow/node</c>; null at the end.</param>
public sealed record FlowNext(FlowNextKind Kind, string? Target);

/// <summary>The ways on from a node.</summary>
public enum FlowNextKind
{
    /// <summary>To another node.</summary>
    Node,

    /// <summary>To a node of another flow.</summary>
    Jump,

    /// <summary>It waits for the session's next message and goes on at the target.</summary>
    Park,

    /// <summary>It is done.</summary>
    End,
}
