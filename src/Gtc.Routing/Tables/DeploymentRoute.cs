using System.Collections.Immutable;
using System.Text;
using Gtc.Model;

namespace Gtc.Routing;

/// <summary>One routed revision and its share.</summary>
/// <param name="State">What is known about it while it runs.</param>
/// <param name="WeightBps">Its share in basis points, 0 to 10,000.</param>
public sealed record RoutedRevision(RevisionState State, uint WeightBps)
{
    /// <summary>The revision.</summary>
    public RevisionId Revision => State.Revision;

    /// <summary>Its id as requests name it.</summary>
    internal byte[] Name { get; } = Encoding.UTF8.GetBytes(State.Name);

    /// <summary>Whether it is given requests of callers that it has already.</summary>
    public bool IsServing => WeightBps > 0 && State.IsHealthy && !State.IsEvicted;

    /// <summary>Whether it is given requests of new callers.</summary>
    public bool TakesNew => IsServing && !State.IsDraining;
}

/// <summary>One deployment as the router sees it.</summary>
public sealed class DeploymentRoute
{
    private readonly ushort[] _holders;
    private readonly byte[][] _prefixes;

    /// <summary>Makes a route. Hosts are compared without case, prefixes by whole segments.</summary>
    /// <param name="deployment">The deployment.</param>
    /// <param name="bundleId">Its bundle.</param>
    /// <param name="binding">Hosts, prefixes and tenant.</param>
    /// <param name="shares">The shares; their weights sum to 10,000.</param>
    /// <param name="stateOf">What is known about a revision.</param>
    public DeploymentRoute(DeploymentId deployment, string bundleId, RouteBinding binding, ImmutableArray<TrafficShare> shares, Func<RevisionId, RevisionState> stateOf)
    {
        ArgumentNullException.ThrowIfNull(binding);
        ArgumentNullException.ThrowIfNull(stateOf);
        Deployment = deployment;
        BundleId = bundleId;
        Tenant = binding.TenantSelector;
        Hosts = [.. binding.Hosts.Select(host => host.ToLowerInvariant())];
        Prefixes = binding.PathPrefixes.IsEmpty ? ["/"] : [.. binding.PathPrefixes.Select(Normalize)];
        Revisions = [.. shares.Select(share => new RoutedRevision(stateOf(share.RevisionId), share.WeightBps))];
        _prefixes = [.. Prefixes.Select(Encoding.UTF8.GetBytes)];
        CookieName = Encoding.ASCII.GetBytes(RevisionCookie.NameOf(deployment));
        Callers = new CallerSlot(deployment);
        _holders = SplitSlots.Read(shares);
    }

    /// <summary>A path without the longest of the prefixes that it is below.</summary>
    public string BelowPrefix(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var longest = Prefixes.Where(prefix => prefix.Length > 1 && path.StartsWith(prefix + "/", StringComparison.Ordinal)).MaxBy(prefix => prefix.Length);
        return longest is null ? path : path[longest.Length..];
    }

    /// <summary>The route of a deployment of an environment, with the shares, slots and generation of its split.</summary>
    /// <param name="document">The environment.</param>
    /// <param name="deployment">The deployment.</param>
    /// <param name="shares">What is asked for; which callers' slots these stand for is said by the split.</param>
    /// <param name="stateOf">What is known about a revision.</param>
    public static DeploymentRoute Of(EnvironmentDocument document, BundleDeployment deployment, IEnumerable<RuntimeRevision> shares, Func<RevisionId, RevisionState> stateOf)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(deployment);
        var split = document.TrafficSplits.FirstOrDefault(split => split.DeploymentId == deployment.DeploymentId);
        ImmutableArray<RuntimeRevision> asked = [.. shares];

        // Shares and split may come from two files that are a moment apart; slots of other shares would not fit.
        var fits = asked.All(share => split?.Entries.Any(entry => entry.RevisionId == share.RevisionId && entry.WeightBps == share.WeightBps) == true);
        return new(
            deployment.DeploymentId,
            deployment.BundleId,
            deployment.RouteBinding,
            [
                .. asked.Select(share => new TrafficShare
                {
                    RevisionId = share.RevisionId,
                    WeightBps = share.WeightBps,
                    Slots = fits ? split!.Entries.First(entry => entry.RevisionId == share.RevisionId).Slots : null,
                }),
            ],
            stateOf)
        {
            Generation = split?.Generation ?? 0,
            StickyGeneration = split?.StickyGeneration ?? split?.Generation ?? 0,
            Customer = deployment.CustomerId,
            ExposesRevision = deployment.ExposeRevision == true,
            Pointers = RevisionPointers.Of(document, deployment.DeploymentId),
        };
    }

    /// <summary>The deployment.</summary>
    public DeploymentId Deployment { get; }

    /// <summary>Its bundle.</summary>
    public string BundleId { get; }

    /// <summary>The tenant whose calls these are.</summary>
    public TenantSelector Tenant { get; }

    /// <summary>Lower-case host names; empty means any.</summary>
    public ImmutableArray<string> Hosts { get; }

    /// <summary>Normalised prefixes: one leading slash, none at the end; the root is a lone slash.</summary>
    public ImmutableArray<string> Prefixes { get; }

    /// <summary>The revisions in router order.</summary>
    public ImmutableArray<RoutedRevision> Revisions { get; }

    /// <summary>How often the dial was changed.</summary>
    public ulong Generation { get; init; }

    /// <summary>The generation that cookies and pins must carry.</summary>
    public ulong StickyGeneration { get; init; }

    /// <summary>Who is billed for its requests.</summary>
    public string Customer { get; init; } = string.Empty;

    /// <summary>Whether every answer says which revision gave it (decision 50).</summary>
    public bool ExposesRevision { get; init; }

    /// <summary>What <c>stable</c>, <c>previous</c> and <c>next</c> stand for.</summary>
    public RevisionPointers Pointers { get; init; } = RevisionPointers.None;

    /// <summary>The name of the cookie that pins its callers.</summary>
    public ReadOnlyMemory<byte> CookieName { get; }

    /// <summary>The slots of its callers.</summary>
    public CallerSlot Callers { get; }

    /// <summary>The revision that holds a slot, or null when the shares leave it out.</summary>
    /// <param name="slot">From 0 to 9,999.</param>
    public RoutedRevision? HolderOf(int slot) => _holders[slot] is var holder && holder < Revisions.Length ? Revisions[holder] : null;

    /// <summary>A revision by its id, or null.</summary>
    public RoutedRevision? Find(RevisionId revision)
    {
        foreach (var candidate in Revisions)
        {
            if (candidate.Revision == revision)
            {
                return candidate;
            }
        }

        return null;
    }

    /// <summary>A revision by its id, or by the pointer to it, as a request writes it, or null. What is called <c>stable</c> itself goes before the pointer.</summary>
    public RoutedRevision? Find(ReadOnlySpan<byte> name)
    {
        foreach (var candidate in Revisions)
        {
            if (Ascii.EqualsIgnoreCase(candidate.Name, name))
            {
                return candidate;
            }
        }

        return PointerOf(name) is { } pointed ? Find(pointed) : null;
    }

    /// <summary>The revision that <c>stable</c>, <c>previous</c> or <c>next</c> stands for; null for any other name.</summary>
    public RevisionId? PointerOf(ReadOnlySpan<byte> name) =>
        Ascii.EqualsIgnoreCase(name, "stable"u8) ? Pointers.Stable
        : Ascii.EqualsIgnoreCase(name, "previous"u8) ? Pointers.Previous
        : Ascii.EqualsIgnoreCase(name, "next"u8) ? Pointers.Next
        : null;

    /// <summary>Whether a path, without the query, is below one of its prefixes.</summary>
    internal bool HasPrefixOf(ReadOnlySpan<byte> path)
    {
        foreach (var prefix in _prefixes)
        {
            if (RoutingTable.MatchesPrefix(path, prefix))
            {
                return true;
            }
        }

        return false;
    }

    private static string Normalize(string prefix) => "/" + prefix.Trim('/');
}
