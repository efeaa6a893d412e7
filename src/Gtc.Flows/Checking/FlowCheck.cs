using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Artifacts.Packs;

namespace Gtc.Flows;

/// <summary>Checks one flow: where it starts, where its nodes lead, what they run and what their templates name.</summary>
internal sealed class FlowCheck(PackManifest pack, PackFlow flow, ComponentCheck components, List<FlowFinding> findings)
{
    private readonly FlowGraph _graph = new(flow);

    public void Run()
    {
        if (flow.Nodes.IsEmpty)
        {
            Add(FindingSeverity.Error, "no-start", null, "the flow has no nodes, so it has no start", "add a node, or take the flow out of the pack");
            return;
        }

        foreach (var (name, node) in flow.Entrypoints.Where(entry => !_graph.Has(entry.Value)))
        {
            Add(FindingSeverity.Error, "unknown-node", null, $"the entry point `{name}` names node `{node}`, which the flow does not have", Nodes());
        }

        foreach (var node in flow.Nodes)
        {
            Targets(node);
            new RouteCheck(node, (severity, code, message, advice) => Add(severity, code, node, message, advice)).Run();
            Kind(node);
            new TemplateCheck(node, _graph, (severity, code, message, advice) => Add(severity, code, node, message, advice)).Run();
        }

        Ways();
    }

    private void Targets(FlowNode node)
    {
        foreach (var target in FlowGraph.Targets(node).Distinct().Where(target => !_graph.Has(target)))
        {
            Add(FindingSeverity.Error, "unknown-node", node, $"it routes to `{target}`, which the flow does not have", Nodes());
        }

        if (node.ComponentId == BuiltInComponents.SessionWait && !FlowGraph.Targets(node).Any())
        {
            Add(FindingSeverity.Error, "wait-without-route", node, "session.wait needs a node to go on at", "give it `routing` with `- to: next_node`");
        }
    }

    private void Kind(FlowNode node)
    {
        switch (node.ComponentId)
        {
            case BuiltInComponents.ComponentExec:
                Exec(node);
                break;
            case BuiltInComponents.FlowCall or BuiltInComponents.FlowGoto:
                Called(node);
                break;
            case BuiltInComponents.ProviderInvoke:
                if ((node.Operation ?? Text(node, "operation") ?? Text(node, "op")) is null)
                {
                    Add(FindingSeverity.Error, "missing-operation", node, "it names no operation of the provider", "name it as `op` in the mapping");
                }

                break;
            case var emit when emit.StartsWith(BuiltInComponents.EmitPrefix, StringComparison.Ordinal)
                    || emit is BuiltInComponents.SessionWait or BuiltInComponents.StateGet or BuiltInComponents.StateSet or BuiltInComponents.VariablesSet:
                break;
            case var other when BuiltInComponents.Contains(other):
                Add(FindingSeverity.Error, "unsupported-node", node, $"nodes of the kind `{other}` are run by services that gtc does not speak to", "take the node out, or route around it");
                break;
            default:
                components.Use(node, node.ComponentId, (severity, code, message, advice) => Add(severity, code, node, message, advice));
                break;
        }
    }

    private void Exec(FlowNode node)
    {
        if ((Text(node, "component") ?? Text(node, "component_ref")) is not { } target)
        {
            Add(FindingSeverity.Error, "missing-component", node, "component.exec names no component", "name it as `component` in the mapping");
        }
        else if (!target.Contains("{{", StringComparison.Ordinal) && !target.StartsWith(BuiltInComponents.EmitPrefix, StringComparison.Ordinal))
        {
            components.Use(node, target, (severity, code, message, advice) => Add(severity, code, node, message, advice));
        }
    }

    private void Called(FlowNode node)
    {
        var target = Text(node, "flow_id") ?? Text(node, "flow");
        if (target is null || (!target.Contains("{{", StringComparison.Ordinal) && pack.Flows.All(other => other.Id != target)))
        {
            Add(
                FindingSeverity.Error,
                "unknown-flow",
                node,
                target is null ? $"{node.ComponentId} names no flow" : $"{node.ComponentId} names the flow `{target}`, which the pack does not have",
                $"name one of its flows as `flow`: {string.Join(", ", pack.Flows.Select(other => other.Id))}");
        }
    }

    private void Ways()
    {
        foreach (var node in flow.Nodes.Where(node => !_graph.IsReachable(node.Id)))
        {
            Add(FindingSeverity.Warning, "unreachable", node, "nothing leads to this node", "route to it, make it an entry point, or take it out");
        }

        foreach (var node in flow.Nodes.Where(node => _graph.RunsInCircles(node.Id)))
        {
            Add(FindingSeverity.Error, "endless", node, "from here the flow goes round in circles without a condition: it is stopped at its limit of steps", "add a route with a condition, or session.wait");
        }
    }

    private string Nodes() => $"name one of its nodes: {string.Join(", ", flow.Nodes.Select(node => node.Id))}";

    private static string? Text(FlowNode node, string name) => FlowJump.Text(node.Input, name);

    private void Add(FindingSeverity severity, string code, FlowNode? node, string message, string advice) =>
        findings.Add(new(severity, code, node is null ? flow.Id : $"{flow.Id}/{node.Id}", message, advice));
}

/// <summary>Takes a finding about the node that is looked at.</summary>
internal delegate void Report(FindingSeverity severity, string code, string message, string advice);
