using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Gtc.Artifacts.Packs;
using Microsoft.Extensions.Logging;

namespace Gtc.Flows;

/// <summary>One run, from its start to its end or to where it waits (flows-and-components.md §2.1–2.11). A jump changes the flow, not the run.</summary>
internal sealed partial class FlowRun
{
    private const int LoggedBytes = 2048;

    private readonly RunSetting _setting;
    private readonly List<JsonElement> _egress = [];
    private readonly int _depth;
    private LoadedFlow _flow;
    private FlowScope _scope;

    public FlowRun(RunSetting setting, LoadedFlow flow, FlowScope scope, int depth)
    {
        _setting = setting;
        _flow = flow;
        _scope = scope;
        _depth = depth;
    }

    /// <summary>Runs to the end, or to a node that waits for the next message.</summary>
    /// <exception cref="FlowFault">The flow cannot go on.</exception>
    public RunResult ToEnd(string? entryNode, CancellationToken cancellationToken)
    {
        var node = _flow.Start(entryNode);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _setting.Budget.Step(_flow.Flow.Id);
            if (node.ComponentId == BuiltInComponents.SessionWait)
            {
                return Wait(node);
            }

            var output = Run(node, cancellationToken);
            if (FlowJump.Of(node, output) is { } jump)
            {
                node = Follow(jump);
                continue;
            }

            _scope.Finish(node.Id, output);
            KeepVariables(node, output);
            switch (FlowRoutes.Next(node.Routing, output, _scope))
            {
                case FlowStep.To to:
                    node = _flow.Node(to.NodeId);
                    break;
                case FlowStep.Park:
                    return new(Result(output), new ParkedPlace(_flow, _scope, node.Id, IsAwaitingSubmit: true));
                default:
                    return new(Result(output), null);
            }
        }
    }

    private JsonElement Run(FlowNode node, CancellationToken cancellationToken)
    {
        if (node.ComponentId == BuiltInComponents.ProviderInvoke)
        {
            return new ProviderNode(_setting, _flow, node, _scope).Run(cancellationToken);
        }

        var mapping = new MappingRenderer(_scope, _setting.Options.Limits.MaxPayloadBytes).Render(node.Input);
        _setting.Budget.Spend(_flow.Flow.Id, mapping);
        var kind = node.ComponentId == BuiltInComponents.ComponentExec ? ExecTarget(node, mapping) : node.ComponentId;
        if (kind.StartsWith(BuiltInComponents.EmitPrefix, StringComparison.Ordinal))
        {
            _setting.Budget.ComponentCalls++;
            return Emit(kind, node, mapping);
        }

        switch (kind)
        {
            case BuiltInComponents.FlowCall:
                return CallFlow(node, mapping, cancellationToken);
            case BuiltInComponents.FlowGoto:
                return mapping;
            case BuiltInComponents.StateGet or BuiltInComponents.StateSet when kind == node.ComponentId:
                return new StateNode(_setting, _flow, node).Run(mapping, cancellationToken);
            case BuiltInComponents.VariablesSet when kind == node.ComponentId:
                return SetVariables(node, mapping);
            case var builtIn when BuiltInComponents.Contains(builtIn):
                throw new FlowFault($"unsupported node kind `{kind}` (node `{node.Id}`)");
            default:
                _setting.Budget.ComponentCalls++;
                return _setting.Components.Call(_flow, node, kind, mapping, cancellationToken);
        }
    }

    private JsonElement SetVariables(FlowNode node, JsonElement values)
    {
        if (values.ValueKind != JsonValueKind.Object)
        {
            throw new FlowFault($"{node.ComponentId} node `{node.Id}` must be given an object of variables");
        }

        foreach (var variable in values.EnumerateObject())
        {
            _scope.Set(variable.Name, variable.Value);
        }

        return values;
    }

    private void KeepVariables(FlowNode node, JsonElement output)
    {
        if (node.Variables is { } map)
        {
            var values = new MappingRenderer(_scope, _setting.Options.Limits.MaxPayloadBytes, new Dictionary<string, JsonElement> { [MappingRenderer.Subject] = output, ["result"] = output })
                .Render(map);
            _setting.Budget.Spend(_flow.Flow.Id, values);
            SetVariables(node, values);
        }
    }

    private JsonElement Emit(string kind, FlowNode node, JsonElement mapping)
    {
        var payload = TemplatePath.Walk(mapping, ["input"]) ?? TemplatePath.Walk(mapping, ["payload"]) ?? mapping;
        if (kind != BuiltInComponents.EmitLog)
        {
            _egress.Add(payload);
        }
        else if (_setting.Logger.IsEnabled(LogLevel.Information))
        {
            var text = JsonMarshal.GetRawUtf8Value(payload);
            Log.Emitted(_setting.Logger, _flow.Pack.PackId, _flow.Flow.Id, node.Id, Encoding.UTF8.GetString(text[..Math.Min(text.Length, LoggedBytes)]));
        }

        return payload;
    }

    private JsonElement CallFlow(FlowNode node, JsonElement mapping, CancellationToken cancellationToken)
    {
        var target = FlowJump.Text(mapping, "flow_id") ?? FlowJump.Text(mapping, "flow")
            ?? throw new FlowFault($"flow.call node `{node.Id}` names no flow");
        if (_depth >= _setting.Options.Limits.MaxDepth)
        {
            throw new FlowFault($"flow {_flow.Flow.Id} calls flows more than {_setting.Options.Limits.MaxDepth} deep");
        }

        var entry = TemplatePath.Walk(mapping, ["input"]) ?? _scope.Entry;
        var called = new FlowRun(_setting, _setting.Flow(_flow, target), _scope.For(entry), _depth + 1).ToEnd(null, cancellationToken);
        if (called.Parked is { } parked)
        {
            throw new FlowFault($"flow.call cannot pause: flow {target} waits at node `{parked.NodeId}`");
        }

        return called.Payloads is [var only] ? only : JsonText.Build(json =>
        {
            json.WriteStartArray();
            foreach (var payload in called.Payloads)
            {
                payload.WriteTo(json);
            }

            json.WriteEndArray();
        });
    }

    private FlowNode Follow(FlowJump jump)
    {
        _setting.Budget.Jump(_flow.Flow.Id, jump.MaxRedirects);
        _flow = jump.FlowId is { } id ? _setting.Flow(_flow, id) : _flow;
        _scope = _scope.For(jump.Payload ?? _scope.Entry);
        return _flow.Start(jump.NodeId);
    }

    // What the node says is a reason for logs, not a reply; so a pause answers with what was emitted before it.
    private RunResult Wait(FlowNode node) => FlowRoutes.Next(node.Routing, default, _scope) is FlowStep.To next
        ? new(Flattened(_egress), new ParkedPlace(_flow, _scope, _flow.Node(next.NodeId).Id, IsAwaitingSubmit: false))
        : throw new FlowFault($"session.wait node {node.Id} requires a non-empty route");

    // The last payload also closes the list, so that a flow which ends in emit.response answers it twice. Clients rely on it.
    private ImmutableArray<JsonElement> Result(JsonElement last) => _egress.Count == 0
        ? last.ValueKind == JsonValueKind.Array ? [.. last.EnumerateArray()] : [last]
        : Flattened(_egress.Append(last));

    private static ImmutableArray<JsonElement> Flattened(IEnumerable<JsonElement> payloads) =>
        [.. payloads.SelectMany<JsonElement, JsonElement>(payload => payload.ValueKind == JsonValueKind.Array ? payload.EnumerateArray() : [payload])
            .Where(payload => payload.ValueKind != JsonValueKind.Null)];

    private static string ExecTarget(FlowNode node, JsonElement mapping) =>
        FlowJump.Text(mapping, "component") ?? FlowJump.Text(mapping, "component_ref")
        ?? throw new FlowFault($"{BuiltInComponents.ComponentExec} node `{node.Id}` names no component");

    private static partial class Log
    {
        [LoggerMessage(4301, LogLevel.Information, "Flow {PackId}/{FlowId} node {NodeId} logs {Payload}")]
        public static partial void Emitted(ILogger logger, string packId, string flowId, string nodeId, string payload);
    }
}
