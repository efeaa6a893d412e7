using System.Text.Json;
using Gtc.Artifacts.Packs;

namespace Gtc.Flows;

/// <summary>A change to another flow or node of the same pack: a <c>flow.goto</c> node, or <c>greentic_control</c> in an output (flows-and-components.md §2.8, §2.9).</summary>
internal sealed record FlowJump(string? FlowId, string? NodeId, JsonElement? Payload, int MaxRedirects)
{
    public static FlowJump? Of(FlowNode node, JsonElement output)
    {
        if (node.ComponentId == BuiltInComponents.FlowGoto)
        {
            var target = Text(output, "flow_id") ?? Text(output, "flow") ?? throw new FlowFault($"flow.goto node `{node.Id}` names no flow");
            return new(target, Text(output, "node"), TemplatePath.Walk(output, ["input"]), int.MaxValue);
        }

        // Only a component may ask for a jump: what a template copied from a message must not.
        if (node.ComponentId != BuiltInComponents.ComponentExec && BuiltInComponents.Contains(node.ComponentId))
        {
            return null;
        }

        if (TemplatePath.Walk(output, ["greentic_control"]) is not { } control || Text(control, "action") != "jump")
        {
            return null;
        }

        var redirects = TemplatePath.Walk(control, ["max_redirects"]) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var most) ? most : int.MaxValue;
        return new(Text(control, "flow"), Text(control, "node"), TemplatePath.Walk(control, ["payload"]), redirects);
    }

    /// <summary>A member that is text, or null.</summary>
    public static string? Text(JsonElement value, string name) => TemplatePath.Walk(value, [name]) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
