using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Artifacts.Packs;

namespace Gtc.Artifacts.Building;

/// <summary>The compile table for a node's <c>routing</c> (flows-and-components.md §1).</summary>
internal static class RoutingCompiler
{
    private const string Out = "out";
    private const string Forms = "`out`, `reply`, or a list of routes such as `- to: next_node`";

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
                var other => throw Fault(nodeId, $"`{other}` is no way on", value.Path, Forms),
            };
        }

        if (value.Element.ValueKind != JsonValueKind.Array)
        {
            throw Fault(nodeId, "it is neither a word nor a list", value.Path, Forms);
        }

        var routes = value.List(route => Route.Read(nodeId, route));
        foreach (var (index, route) in routes.Index())
        {
            if (route.Target is { } target and not Out && !nodeIds.Contains(target))
            {
                throw new CompileFault("MissingNode", $"node `{nodeId}` routes to `{target}`, which the flow does not have", $"{value.Path}[{index}]", FlowCompiler.Names(nodeIds));
            }
        }

        return Choose(nodeId, value, routes);
    }

    private static FlowRouting Choose(string nodeId, DocumentValue source, ImmutableArray<Route> routes)
    {
        if (routes.IsEmpty)
        {
            return new FlowRouting.Finish();
        }

        if (routes.Any(route => route.HasCondition))
        {
            return new FlowRouting.Custom(source.Element);
        }

        if (routes is [{ Status: null } only] && (only.Ends || only.To is not null))
        {
            return only.Ends ? new FlowRouting.Finish() : new FlowRouting.Always(only.To!);
        }

        var statuses = routes[^1].Status is null ? routes[..^1] : routes;
        return routes.Length >= 2 && statuses.All(route => route.Status is not null)
            ? Branch(nodeId, source.Path, statuses, statuses.Length < routes.Length ? routes[^1] : null)
            : new FlowRouting.Custom(source.Element);
    }

    private static FlowRouting.Branch Branch(string nodeId, string path, ImmutableArray<Route> statuses, Route? otherwise)
    {
        var targets = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var route in statuses)
        {
            if (route.Ends || route.To is null)
            {
                throw Fault(nodeId, $"the route for status `{route.Status}` must name a node", path, "`to` with a node's id");
            }

            if (!targets.TryAdd(route.Status!, route.To))
            {
                throw Fault(nodeId, $"the status `{route.Status}` is routed twice", path, "each status once");
            }
        }

        return new(targets.ToImmutable(), otherwise is { Ends: false } last ? last.To : null);
    }

    private static CompileFault Fault(string nodeId, string message, string path, string expected) => new("Routing", $"routing of node `{nodeId}`: {message}", path, expected);

    private sealed record Route(string? To, string? Next, string? Status, bool HasCondition, bool Ends)
    {
        public string? Target => To ?? Next;

        public static Route Read(string nodeId, DocumentValue route)
        {
            if (!route.IsObject)
            {
                throw Fault(nodeId, "every route is an object", route.Path, "`to`, and what it depends on: `condition` or `status`");
            }

            foreach (var (name, member) in route.Members())
            {
                if (name is not ("to" or "next" or "status" or "condition" or Out))
                {
                    throw Fault(nodeId, $"`{name}` is no part of a route", member.Path, "to, next, status, condition or out");
                }
            }

            var to = route.OptionalText("to");
            return new(to, route.OptionalText("next"), route.OptionalText("status"), route.OptionalText("condition") is not null, to == Out || route.Flag(Out));
        }
    }
}
