using System.Text.Json;
using Gtc.Artifacts.Packs;

namespace Gtc.Flows;

/// <summary>Looks for routes that are never taken (flows-and-components.md §2.7): the first one that fits is.</summary>
internal sealed class RouteCheck(FlowNode node, Report report)
{
    public void Run()
    {
        if (node.Routing is not FlowRouting.Custom custom)
        {
            return;
        }

        if (custom.Routes.ValueKind != JsonValueKind.Array)
        {
            report(FindingSeverity.Warning, "route-never-taken", "its routes are not a list: the flow ends here", "write `routing` as a list of routes");
            return;
        }

        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var catchAll = 0;
        foreach (var (index, route) in custom.Routes.EnumerateArray().Index())
        {
            One(route, index + 1, seen, ref catchAll);
        }

        if (catchAll == 0 && seen.Count > 0)
        {
            report(FindingSeverity.Note, "waits-when-nothing-fits", "when no route fits, the flow waits here for the session's next message", "add `- to: …` or `- out: true` at the end when it shall not");
        }
    }

    private void One(JsonElement route, int number, HashSet<string> seen, ref int catchAll)
    {
        var (condition, status) = (FlowJump.Text(route, "condition"), FlowJump.Text(route, "status"));
        if (catchAll > 0)
        {
            report(FindingSeverity.Warning, "route-never-taken", $"route {number} is never taken: route {catchAll} has no condition and comes first", "put the route without a condition last");
            return;
        }

        if (route.ValueKind != JsonValueKind.Object || !HasTarget(route))
        {
            report(FindingSeverity.Warning, "route-never-taken", $"route {number} is never taken: it says nowhere to go", "give it `to: node` or `out: true`");
            return;
        }

        if (condition is not null && !RouteCondition.IsReadable(condition))
        {
            report(FindingSeverity.Error, "unreadable-condition", $"the condition `{condition}` of route {number} is not of the form path == \"value\" or path != \"value\"", "compare one path with one value");
        }
        else if (!seen.Add($"{condition?.Replace(" ", "", StringComparison.Ordinal)}\n{status}"))
        {
            report(FindingSeverity.Warning, "route-never-taken", $"route {number} is never taken: an earlier one has the same condition", "take one of them out");
        }

        catchAll = condition is null && status is null ? number : 0;
    }

    private static bool HasTarget(JsonElement route) =>
        FlowJump.Text(route, "to") is not null || FlowJump.Text(route, "next") is not null
        || (route.TryGetProperty("out", out var ends) && ends.ValueKind == JsonValueKind.True);
}
