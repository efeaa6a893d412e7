using System.Text.Json;
using Gtc.Artifacts.Packs;

namespace Gtc.Flows;

/// <summary>Where the nodes of a flow lead.</summary>
internal sealed class FlowGraph
{
    private const string Out = "out";

    private readonly Dictionary<string, FlowNode> _nodes;
    private readonly HashSet<string> _reachable = new(StringComparer.Ordinal);

    /// <summary>The graph of a flow that has nodes.</summary>
    public FlowGraph(PackFlow flow)
    {
        _nodes = flow.Nodes.ToDictionary(node => node.Id, StringComparer.Ordinal);
        var starts = flow.Entrypoints.Values.Append(flow.Entrypoints.GetValueOrDefault("default") ?? flow.Nodes.FirstOrDefault()?.Id ?? string.Empty);
        foreach (var start in starts)
        {
            Walk(start, _reachable);
        }
    }

    public bool Has(string node) => _nodes.ContainsKey(node);

    /// <summary>Whether an entry point leads to a node.</summary>
    public bool IsReachable(string node) => _reachable.Contains(node);

    /// <summary>Whether one node can have run when another one does: some way leads from it to the other.</summary>
    public bool Precedes(string earlier, string later)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var target in Targets(_nodes[earlier]))
        {
            Walk(target, seen);
        }

        return seen.Contains(later);
    }

    /// <summary>Whether a node comes back to itself on routes that are always taken, with nothing that waits between.</summary>
    public bool RunsInCircles(string node)
    {
        var at = node;
        for (var steps = 0; steps < _nodes.Count; steps++)
        {
            if (!_nodes.TryGetValue(at, out var here) || here.ComponentId is BuiltInComponents.SessionWait or BuiltInComponents.FlowGoto || Always(here) is not { } next)
            {
                return false;
            }

            if (next == node)
            {
                return true;
            }

            at = next;
        }

        return false;
    }

    /// <summary>The nodes that the routes of a node name.</summary>
    public static IEnumerable<string> Targets(FlowNode node) => node.Routing switch
    {
        FlowRouting.Always always => [always.NodeId],
        FlowRouting.Branch branch => branch.Default is { } otherwise ? branch.OnStatus.Values.Append(otherwise) : branch.OnStatus.Values,
        FlowRouting.Custom { Routes.ValueKind: JsonValueKind.Array } custom => custom.Routes.EnumerateArray()
            .Select(route => FlowJump.Text(route, "to") ?? FlowJump.Text(route, "next"))
            .OfType<string>()
            .Where(target => target != Out),
        _ => [],
    };

    private static string? Always(FlowNode node) => node.Routing is FlowRouting.Always always ? always.NodeId : null;

    private void Walk(string start, HashSet<string> seen)
    {
        var waiting = new Stack<string>([start]);
        while (waiting.TryPop(out var id))
        {
            if (_nodes.TryGetValue(id, out var node) && seen.Add(id))
            {
                foreach (var target in Targets(node))
                {
                    waiting.Push(target);
                }
            }
        }
    }
}
