using System.Collections.Frozen;
using Gtc.Artifacts.Packs;

namespace Gtc.Flows;

/// <summary>A flow with its pack and its nodes by id.</summary>
internal sealed class LoadedFlow(PackManifest pack, PackFlow flow, PackComponents components)
{
    private readonly FrozenDictionary<string, FlowNode> _nodes = flow.Nodes.ToFrozenDictionary(node => node.Id, StringComparer.Ordinal);

    public PackManifest Pack { get; } = pack;

    public PackFlow Flow { get; } = flow;

    public PackComponents Components { get; } = components;

    /// <summary>A provider's flows serve its own set-up; they never answer by type.</summary>
    public bool AnswersByType { get; } = !flow.IsInternal && !pack.Providers.Any(provider => provider.Type.StartsWith("messaging.", StringComparison.Ordinal));

    /// <summary>Whether a run may end in it before it is over, to go on with the session's next message.</summary>
    public bool MayWait { get; } = flow.Nodes.Any(node => node.ComponentId == BuiltInComponents.SessionWait || FlowRoutes.MayPark(node.Routing));

    public bool Has(string nodeId) => _nodes.ContainsKey(nodeId);

    public FlowNode Node(string id) => _nodes.TryGetValue(id, out var node)
        ? node
        : throw new FlowFault($"flow {Flow.Id} has no node `{id}`");

    /// <summary>The explicit node, else entry point <c>default</c>, else the first node.</summary>
    public FlowNode Start(string? entryNode)
    {
        if ((entryNode ?? Flow.Entrypoints.GetValueOrDefault("default")) is { } id)
        {
            return Node(id);
        }

        return Flow.Nodes.IsEmpty ? throw new FlowFault($"flow {Flow.Id} has no start node") : Flow.Nodes[0];
    }
}
