using System.Text.Json;
using Gtc.Artifacts.Packs;

namespace Gtc.Cli.Pack;

/// <summary>Says in one line where a flow goes after a node.</summary>
internal static class RouteText
{
    /// <summary>The line.</summary>
    public static string Of(FlowRouting routing) => routing switch
    {
        FlowRouting.Finish => "end",
        FlowRouting.Reply => "reply",
        FlowRouting.Always always => always.NodeId,
        FlowRouting.Branch branch => string.Join("; ", branch.OnStatus.Select(on => $"{on.Key} → {on.Value}").Append($"else {branch.Default ?? "end"}")),
        FlowRouting.Custom { Routes.ValueKind: JsonValueKind.Array } custom => string.Join("; ", custom.Routes.EnumerateArray().Select(Route)),
        _ => "end",
    };

    private static string Route(JsonElement route)
    {
        var target = Text(route, "to") ?? Text(route, "next") ?? "end";
        var when = string.Join(" and ", new[] { Text(route, "condition"), Text(route, "status") is { } status ? $"status {status}" : null }.OfType<string>());
        return when.Length == 0 ? $"else {target}" : $"{when} → {target}";
    }

    private static string? Text(JsonElement route, string name) =>
        route.ValueKind == JsonValueKind.Object && route.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
}
