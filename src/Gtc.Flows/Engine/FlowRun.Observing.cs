using System.Text.Json;
using Gtc.Artifacts.Packs;

namespace Gtc.Flows;

/// <content>Telling an observer what ran.</content>
internal sealed partial class FlowRun
{
    private long _started;

    private JsonElement Observed(FlowNode node, CancellationToken cancellationToken)
    {
        _started = _setting.Options.Time.GetTimestamp();
        try
        {
            return Run(node, cancellationToken);
        }
        catch (FlowFault fault)
        {
            Tell(node, null, fault.Message, null);
            throw;
        }
    }

    private FlowStep Told(FlowNode node, JsonElement output, FlowStep step)
    {
        Tell(node, output, null, step switch
        {
            FlowStep.To to => new(FlowNextKind.Node, to.NodeId),
            FlowStep.Park => new(FlowNextKind.Park, node.Id),
            _ => new(FlowNextKind.End, null),
        });
        return step;
    }

    private void Tell(FlowNode node, JsonElement? output, string? error, FlowNext? next) => _setting.Options.Observer?.Ran(new(
        _flow.Pack.PackId,
        _flow.Flow.Id,
        _depth,
        node.Id,
        (node.ComponentId == BuiltInComponents.ComponentExec ? FlowJump.Text(node.Input, "component") ?? FlowJump.Text(node.Input, "component_ref") : null) ?? node.ComponentId,
        node.Operation ?? FlowJump.Text(node.Input, "operation") ?? FlowJump.Text(node.Input, "op"),
        _setting.Options.Time.GetElapsedTime(_started),
        output,
        error,
        next));
}
