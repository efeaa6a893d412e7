using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Artifacts.Packs;

namespace Gtc.Artifacts.Building;

/// <summary>The compile table for a node's <c>routing</c> (flows-and-components.md §1).</summary>
internal static class RoutingCompiler
{
    private const string Out = "out";

    public static FlowRouting Compile(string nodeId, DocumentValue? routing, ImmutableHashSet<string> nodeIds)
    {
        if (routing is not { } value)
        {
            return new FlowRouting.Finish();
        }

        if (value.IsText)
        {
            return value.Text() switch
            {
                Out => new FlowRouting.Finish(),
                "reply" => new FlowRouting.Reply(),
                var other => throw Fault(nodeId, $"`{other}` is not `out`, `reply` or a list of routes"),
            };
        }

        if (value.Element.ValueKind != JsonValueKind.Array)
        {
            throw Fault(nodeId, "`out`, `reply` or a list of routes is expected");
        }

        var routes = value.List(route => Route.Read(nodeId, route));
        foreach (var target in routes.Select(route => route.Target).Where(target => target is not (null or Out)))
        {
            if (!nodeIds.Contains(target!))
            {
                throw new CompileFault("MissingNode", $"node `{nodeId}` routes to `{target}`, which the flow does not have");
            }
        }

        return Choose(nodeId, value.Element, routes);
    }

    private static FlowRouting Choose(string nodeId, JsonElement source, ImmutableArray<Route> routes)
    {
        if (routes.IsEmpty)
        {
            return new FlowRouting.Finish();
        }

        if (routes.Any(route => route.HasCondition))
        {
            return new FlowRouting.Custom(source);
        }

        if (routes is [{ Status: null } only] && (only.Ends || only.To is not null))
        {
            return only.Ends ? new FlowRouting.Finish() : new FlowRouting.Always(only.To!);
        }

        var statuses = routes[^1].Status is null ? routes[..^1] : routes;
        return routes.Length >= 2 && statuses.All(route => route.Status is not null)
            ? Branch(nodeId, statuses, statuses.Length < routes.Length ? routes[^1] : null)
            : new FlowRouting.Custom(source);
    }

    private static FlowRouting.Branch Branch(string nodeId, ImmutableArray<Route> statuses, Route? otherwise)
    {
        var targets = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var route in statuses)
        {
            if (route.Ends || route.To is null)
            {
                throw Fault(nodeId, $"the route for status `{route.Status}` must name a node");
            }

            if (!targets.TryAdd(route.Status!, route.To))
            {
                throw Fault(nodeId, $"the status `{route.Status}` is routed twice");
            }
        }

        return new(targets.ToImmutable(), otherwise is { Ends: false } last ? last.To : null);
    }

    private static CompileFault Fault(string nodeId, string message) => new("Routing", $"routing of node `{nodeId}`: {message}");

    private sealed record Route(string? To, string? Next, string? Status, bool HasCondition, bool Ends)
    {
        public string? Target => To ?? Next;

        public static Route Read(string nodeId, DocumentValue route)
        {
            if (!route.IsObject)
            {
                throw Fault(nodeId, "every route is an object");
            }

            foreach (var (name, _) in route.Members())
            {
                if (name is not ("to" or "next" or "status" or "condition" or Out))
                {
                    throw Fault(nodeId, $"`{name}` is not one of to, next, status, condition, out");
                }
            }

            var to = route.OptionalText("to");
            return new(to, route.OptionalText("next"), route.OptionalText("status"), route.OptionalText("condition") is not null, to == Out || route.Flag(Out));
        }
    }
}
