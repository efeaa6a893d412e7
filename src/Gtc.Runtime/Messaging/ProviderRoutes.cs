using System.Collections.Immutable;
using Gtc.Artifacts.Packs;
using Gtc.Flows;
using Gtc.Model;

namespace Gtc.Runtime;

/// <summary>The requests that the providers of a revision's packs answer themselves. They never change.</summary>
internal sealed class ProviderRoutes
{
    private readonly ImmutableArray<(string PackId, HttpRoute Route)> _routes;

    private ProviderRoutes(ImmutableArray<(string PackId, HttpRoute Route)> routes) => _routes = routes;

    /// <summary>The routes of a revision's packs.</summary>
    /// <returns>The routes; a refusal when a pack's are not sound, or two routes want the same requests.</returns>
    public static Outcome<ProviderRoutes> Of(IEnumerable<PackManifest> packs)
    {
        var routes = ImmutableArray.CreateBuilder<(string PackId, HttpRoute Route)>();
        foreach (var pack in packs)
        {
            if (!HttpRoute.ReadAll(pack).TryGet(out var declared, out var refusal))
            {
                return refusal;
            }

            routes.AddRange(declared.Select(route => (pack.PackId, route)));
        }

        var twice = routes.SelectMany(pair => pair.Route.Methods.Select(method => (Key: $"{method} {pair.Route.Shape}", pair.PackId))).GroupBy(pair => pair.Key, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        return twice is null
            ? new ProviderRoutes([.. routes.OrderBy(pair => pair.Route, HttpRoute.MostSpecificFirst)])
            : new Refusal.Conflict($"the packs {string.Join(" and ", twice.Select(pair => pair.PackId))} both answer {twice.Key}");
    }

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => _routes.IsEmpty;

    /// <summary>The methods of the routes that a path is of; none when it is of no route.</summary>
    public IEnumerable<string> MethodsOf(string path, TenantSelector tenant) => _routes.Where(pair => pair.Route.Matches(path, tenant)).SelectMany(pair => pair.Route.Methods);

    /// <summary>The route of a request; null when it is of none.</summary>
    public (string PackId, HttpRoute Route)? Find(string method, string path, TenantSelector tenant)
    {
        foreach (var pair in _routes)
        {
            if (pair.Route.Methods.Contains(method) && pair.Route.Matches(path, tenant))
            {
                return pair;
            }
        }

        return null;
    }

    /// <summary>The provider that answers a route: the first of its pack that has the operation; null when there is none.</summary>
    public static ProviderComponent? ProviderOf(FlowRuntime flows, string packId, HttpRoute route) =>
        flows.Providers.FirstOrDefault(provider => provider.PackId == packId && provider.Declared.Operations.Contains(route.Operation));
}
