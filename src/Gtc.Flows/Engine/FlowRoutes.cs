using System.Text.Json;
using Gtc.Artifacts.Packs;

namespace Gtc.Flows;

/// <summary>What follows a node.</summary>
internal abstract record FlowStep
{
    private FlowStep()
    {
    }

    /// <summary>Another node.</summary>
    public sealed record To(string NodeId) : FlowStep;

    /// <summary>The end.</summary>
    public sealed record Finish : FlowStep;

    /// <summary>The next message: none of the routes fits this one.</summary>
    public sealed record Park : FlowStep;
}

/// <summary>Decides where a flow goes after a node (flows-and-components.md §2.7).</summary>
internal static class FlowRoutes
{
    /// <summary>The reserved target that finishes a flow.</summary>
    private const string Out = "out";

    /// <summary>What follows a node that gave this output.</summary>
    public static FlowStep Next(FlowRouting routing, JsonElement output, FlowScope scope) => routing switch
    {
        FlowRouting.Always always => new FlowStep.To(always.NodeId),
        FlowRouting.Branch branch => (branch.OnStatus.TryGetValue(Status(output), out var target) ? target : branch.Default) is { } next
            ? new FlowStep.To(next)
            : new FlowStep.Finish(),
        FlowRouting.Custom { Routes.ValueKind: JsonValueKind.Array } custom => FirstMatch(custom.Routes, output, scope),
        _ => new FlowStep.Finish(),
    };

    /// <summary>Whether <see cref="Next"/> may park there: when no route always fits.</summary>
    public static bool MayPark(FlowRouting routing) => routing is FlowRouting.Custom { Routes: { ValueKind: JsonValueKind.Array } routes }
        && routes.GetArrayLength() > 0 && !routes.EnumerateArray().Any(AlwaysFits);

    private static bool AlwaysFits(JsonElement route) => route.ValueKind == JsonValueKind.Object && Text(route, "condition") is null && Text(route, "status") is null
        && ((Text(route, "to") ?? Text(route, "next")) is not null || (route.TryGetProperty(Out, out var ends) && ends.ValueKind == JsonValueKind.True));

    private static FlowStep FirstMatch(JsonElement routes, JsonElement output, FlowScope scope)
    {
        foreach (var route in routes.EnumerateArray())
        {
            var condition = route.ValueKind == JsonValueKind.Object ? Text(route, "condition") : null;
            if (route.ValueKind != JsonValueKind.Object
                || (condition is not null && !RouteCondition.Holds(condition, output, scope))
                || (Text(route, "status") is { } status && status != Status(output)))
            {
                continue;
            }

            if ((Text(route, "to") ?? Text(route, "next")) is { } target)
            {
                if (condition is not null)
                {
                    scope.ConsumeResponse();
                }

                return target == Out ? new FlowStep.Finish() : new FlowStep.To(target);
            }

            if (route.TryGetProperty(Out, out var ends) && ends.ValueKind == JsonValueKind.True)
            {
                return new FlowStep.Finish();
            }
        }

        // An empty list asks for nothing, so there is nothing to wait for.
        return routes.GetArrayLength() == 0 ? new FlowStep.Finish() : new FlowStep.Park();
    }

    private static string Status(JsonElement output) => output.ValueKind == JsonValueKind.Undefined
        ? string.Empty
        : RouteCondition.TextOf(TemplatePath.Walk(output, ["status"]));

    private static string? Text(JsonElement route, string name) =>
        route.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
}
