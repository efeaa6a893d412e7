using System.Text.Json;
using Gtc.Artifacts.Packs;

namespace Gtc.Flows;

/// <summary>Decides where a flow goes after a node (flows-and-components.md §2.7).</summary>
internal static class FlowRoutes
{
    /// <summary>The reserved target that finishes a flow.</summary>
    private const string Out = "out";

    /// <summary>The next node's id, or null to finish.</summary>
    public static string? Next(FlowRouting routing, JsonElement output, FlowScope scope) => routing switch
    {
        FlowRouting.Always always => always.NodeId,
        FlowRouting.Branch branch => branch.OnStatus.TryGetValue(Status(output), out var target) ? target : branch.Default,
        FlowRouting.Custom { Routes.ValueKind: JsonValueKind.Array } custom => FirstMatch(custom.Routes, output, scope),
        _ => null,
    };

    private static string? FirstMatch(JsonElement routes, JsonElement output, FlowScope scope)
    {
        foreach (var route in routes.EnumerateArray())
        {
            if (route.ValueKind != JsonValueKind.Object
                || (Text(route, "condition") is { } condition && !RouteCondition.Holds(condition, output, scope))
                || (Text(route, "status") is { } status && status != Status(output)))
            {
                continue;
            }

            if ((Text(route, "to") ?? Text(route, "next")) is { } target)
            {
                return target == Out ? null : target;
            }

            if (route.TryGetProperty(Out, out var ends) && ends.ValueKind == JsonValueKind.True)
            {
                return null;
            }
        }

        return null;
    }

    private static string Status(JsonElement output) => RouteCondition.TextOf(TemplatePath.Walk(output, ["status"]));

    private static string? Text(JsonElement route, string name) =>
        route.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
}
