using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Gtc.Artifacts.Packs;
using Gtc.Model;

namespace Gtc.Runtime;

/// <summary>The files that the packs of one revision serve as they are. They never change, so what is known of one stays true.</summary>
internal sealed class StaticSite
{
    /// <summary>The largest file that is served.</summary>
    public const int MaxBytes = 32 << 20;

    private readonly ImmutableArray<(PackFile Pack, StaticRoute Route)> _routes;
    private readonly ConcurrentDictionary<(PackFile Pack, string Member), string> _tags = new();

    private StaticSite(ImmutableArray<(PackFile Pack, StaticRoute Route)> routes) => _routes = routes;

    /// <summary>The site of a revision's packs.</summary>
    /// <returns>The site; a refusal when a pack's routes are not sound, or two packs want the same path.</returns>
    public static Outcome<StaticSite> Of(IEnumerable<PackFile> packs)
    {
        var routes = ImmutableArray.CreateBuilder<(PackFile Pack, StaticRoute Route)>();
        foreach (var pack in packs)
        {
            if (!StaticRoute.ReadAll(pack.Manifest).TryGet(out var declared, out var refusal))
            {
                return refusal;
            }

            routes.AddRange(declared.Select(route => (pack, route)));
        }

        return routes.GroupBy(pair => pair.Route.PublicPath, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } both
            ? new Refusal.Conflict($"the packs {string.Join(" and ", both.Select(pair => pair.Pack.Manifest.PackId))} both serve {both.Key}")
            : new StaticSite([.. routes.OrderByDescending(pair => pair.Route.Segments.Length)]);
    }

    /// <summary>Finds what a path asks for.</summary>
    /// <param name="path">The path below the deployment's prefix.</param>
    /// <param name="tenant">The deployment's tenant and team.</param>
    /// <param name="mustName">Whether the path has to name the tenant.</param>
    /// <returns>Null when no route is meant.</returns>
    public StaticTarget? Find(string path, TenantSelector tenant, bool mustName = false)
    {
        if (_routes.IsEmpty || !path.StartsWith(StaticRoute.Space, StringComparison.Ordinal))
        {
            return null;
        }

        var segments = path[1..].Split('/');
        foreach (var (pack, route) in _routes)
        {
            if (Matches(route, segments, tenant) && (!mustName || route.Segments.Contains(StaticRoute.Tenant)))
            {
                return new(pack, route, string.Join('/', segments[route.Segments.Length..]), segments.Length == route.Segments.Length ? segments[^1] : null);
            }
        }

        return null;
    }

    /// <summary>A file's strong tag: what it holds, so that revisions with the same file share it.</summary>
    public string TagOf(PackFile pack, string member, ReadOnlySpan<byte> content) =>
        _tags.TryGetValue((pack, member), out var known) ? known : _tags[(pack, member)] = $"\"{Convert.ToHexStringLower(SHA256.HashData(content)[..16])}\"";

    /// <summary>A file's tag, when it was served before.</summary>
    public string? TagOf(PackFile pack, string member) => _tags.GetValueOrDefault((pack, member));

    private static bool Matches(StaticRoute route, string[] segments, TenantSelector tenant)
    {
        if (segments.Length < route.Segments.Length)
        {
            return false;
        }

        for (var index = 0; index < route.Segments.Length; index++)
        {
            var wanted = route.Segments[index] switch
            {
                StaticRoute.Tenant => tenant.Tenant,
                StaticRoute.Team => tenant.Team,
                var literal => literal,
            };
            if (segments[index] != wanted)
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>What a path asks for.</summary>
/// <param name="Pack">The pack.</param>
/// <param name="Route">Its route.</param>
/// <param name="Rest">The path below the route; empty or with a slash at its end for a folder.</param>
/// <param name="BareName">The last segment when the path is the route's own without a slash at its end; else null.</param>
internal sealed record StaticTarget(PackFile Pack, StaticRoute Route, string Rest, string? BareName)
{
    /// <summary>The file that is meant; null when there is none.</summary>
    public string? File => Rest.Length > 0 && !Rest.EndsWith('/') ? Member(Rest) : Route.IndexFile is { } index ? Member(Rest + index) : null;

    /// <summary>The name of the folder that is meant without saying so: its pages' links would start one level too high.</summary>
    public string? UnclosedFolder => Route.IndexFile is not { } index ? null
        : BareName is not null ? (Member(index) is null ? null : BareName)
        : Rest.Length > 0 && !Rest.EndsWith('/') && Member(Rest) is null && Member($"{Rest}/{index}") is not null ? Rest[(Rest.LastIndexOf('/') + 1)..]
        : null;

    /// <summary>The page that answers where an application in the browser has paths of its own; null when a file was meant.</summary>
    /// <param name="wantsPage">Whether the client asks for a page.</param>
    public string? Fallback(bool wantsPage) => Route.FallbackFile is { } page && (wantsPage || !Rest[(Rest.LastIndexOf('/') + 1)..].Contains('.', StringComparison.Ordinal)) ? Member(page) : null;

    // Names are compared with those of the pack, whole: there is no file system that a path could lead out of.
    private string? Member(string path) =>
        $"{Route.SourceRoot}/{path}" is var member && Pack.Contains(member) ? member : Pack.Contains($"assets/{member}") ? $"assets/{member}" : null;
}
