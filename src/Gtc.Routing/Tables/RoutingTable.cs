using System.Collections.Immutable;
using System.Text;

namespace Gtc.Routing;

/// <summary>
/// An immutable snapshot of all routes (worker-runtime.md §5.2). A request takes the snapshot once and keeps it, so that a
/// swap of the table never changes a request that is under way. Lookups allocate nothing.
/// </summary>
public sealed class RoutingTable
{
    /// <summary>A table without routes.</summary>
    public static RoutingTable Empty { get; } = new([]);

    private readonly ImmutableArray<Rule> _rules;

    /// <summary>Makes a table without previews; of two routes that match equally well the earlier one wins.</summary>
    public RoutingTable(ImmutableArray<DeploymentRoute> routes)
        : this(routes, [])
    {
    }

    /// <summary>Makes a table; of two routes that match equally well the earlier one wins.</summary>
    /// <param name="routes">The deployments that have shares.</param>
    /// <param name="previews">The doors to single revisions beside them.</param>
    public RoutingTable(ImmutableArray<DeploymentRoute> routes, ImmutableArray<PreviewRoute> previews)
    {
        Routes = routes;
        Previews = previews.IsEmpty ? null : new PreviewTable(previews, routes);

        // Longest prefix first; OrderBy is stable, so activation order decides between equals.
        _rules =
        [
            .. routes.SelectMany(route => route.Prefixes, (route, prefix) => new Rule(Encoding.UTF8.GetBytes(prefix), [.. route.Hosts.Select(Encoding.UTF8.GetBytes)], route))
                .OrderByDescending(rule => rule.Specificity),
        ];
    }

    /// <summary>The routes in activation order.</summary>
    public ImmutableArray<DeploymentRoute> Routes { get; }

    /// <summary>The previews; null when there are none, as almost always.</summary>
    public PreviewTable? Previews { get; }

    /// <summary>What is known about the revisions of all routes and of the previews that were open when the table was made, each once.</summary>
    public IEnumerable<RevisionState> States => Routes.SelectMany(route => route.Revisions).Concat(Previews?.All.Where(preview => preview.WasOpen).Select(preview => preview.Revision) ?? []).Select(revision => revision.State).Distinct();

    /// <summary>The route with the longest prefix that matches host and path, or null.</summary>
    /// <param name="host">The Host field, with or without a port.</param>
    /// <param name="path">The path, starting with a slash, without the query.</param>
    public DeploymentRoute? Find(ReadOnlySpan<byte> host, ReadOnlySpan<byte> path)
    {
        var name = WithoutPort(host);
        foreach (ref readonly var rule in _rules.AsSpan())
        {
            if (MatchesPrefix(path, rule.Prefix) && MatchesHost(name, rule.Hosts))
            {
                return rule.Route;
            }
        }

        return null;
    }

    /// <summary>A host without its port.</summary>
    internal static ReadOnlySpan<byte> WithoutPort(ReadOnlySpan<byte> host)
    {
        // [::1]:8080 keeps its brackets, which is how IPv6 hosts are written in a binding too.
        var end = host.LastIndexOf((byte)':');
        return end < 0 || host[end..].Contains((byte)']') ? host : host[..end];
    }

    /// <summary>Whether a path is at or below a prefix.</summary>
    internal static bool MatchesPrefix(ReadOnlySpan<byte> path, byte[] prefix) =>
        prefix.Length == 1 || (path.StartsWith(prefix) && (path.Length == prefix.Length || path[prefix.Length] == '/'));

    private static bool MatchesHost(ReadOnlySpan<byte> host, byte[][] hosts)
    {
        if (hosts.Length == 0)
        {
            return true;
        }

        foreach (var candidate in hosts)
        {
            if (Ascii.EqualsIgnoreCase(host, candidate))
            {
                return true;
            }
        }

        return false;
    }

    private readonly record struct Rule(byte[] Prefix, byte[][] Hosts, DeploymentRoute Route)
    {
        /// <summary>The root is the least specific.</summary>
        public int Specificity => Prefix.Length == 1 ? 0 : Prefix.Length;
    }
}
