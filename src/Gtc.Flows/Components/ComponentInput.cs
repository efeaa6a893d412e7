using System.Text.Json;
using Gtc.Artifacts.Packs;

namespace Gtc.Flows;

/// <summary>What a component node's mapping means: operation, payload and what goes with it (flows-and-components.md §2.8, §3.2).</summary>
internal readonly record struct ComponentInput(string Operation, JsonElement Payload, JsonElement? Metadata)
{
    private static readonly string[] BesideInput = ["input", "operation", "op", "component", "component_ref", "config"];

    /// <exception cref="FlowFault">No operation is named.</exception>
    public static ComponentInput Of(FlowNode node, string componentId, JsonElement mapping)
    {
        var named = Text(mapping, "operation") ?? Text(mapping, "op");
        var (payload, metadata) = Split(mapping);
        if (Envelope(payload) is { } inner)
        {
            return inner;
        }

        return (node.Operation ?? named) is { } operation
            ? new(operation, payload, metadata)
            : throw new FlowFault($"missing operation for node `{node.Id}` (component `{componentId}`): name it in the node or as `operation` in its mapping");
    }

    private static (JsonElement Payload, JsonElement? Metadata) Split(JsonElement mapping) =>
        mapping.ValueKind == JsonValueKind.Object && mapping.TryGetProperty("input", out var input)
            && mapping.EnumerateObject().All(member => BesideInput.Contains(member.Name))
                ? (input, Member(mapping, "config"))
                : (mapping, null);

    private static ComponentInput? Envelope(JsonElement payload) =>
        (Text(payload, "operation") ?? Text(payload, "op")) is { } operation
            && (Member(payload, "payload") ?? Member(payload, "input")) is { } inner
            && (Member(payload, "metadata") ?? Member(payload, "config")) is { } metadata
                ? new(operation, inner, metadata)
                : null;

    private static string? Text(JsonElement value, string name) => Member(value, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static JsonElement? Member(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) ? member : null;
}
