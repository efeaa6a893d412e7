using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Routing;

/// <summary>One routed revision and its share.</summary>
/// <param name="Revision">The revision.</param>
/// <param name="WeightBps">Its share in basis points, 0 to 10,000.</param>
public readonly record struct RoutedRevision(RevisionId Revision, uint WeightBps);

/// <summary>One deployment as the router sees it.</summary>
public sealed class DeploymentRoute
{
    /// <summary>Makes a route. Hosts are compared without case, prefixes by whole segments.</summary>
    public DeploymentRoute(DeploymentId deployment, string bundleId, RouteBinding binding, ImmutableArray<RoutedRevision> revisions)
    {
        ArgumentNullException.ThrowIfNull(binding);
        Deployment = deployment;
        BundleId = bundleId;
        Tenant = binding.TenantSelector;
        Hosts = [.. binding.Hosts.Select(host => host.ToLowerInvariant())];
        Prefixes = binding.PathPrefixes.IsEmpty ? ["/"] : [.. binding.PathPrefixes.Select(Normalize)];
        Revisions = revisions;
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

    private static string Normalize(string prefix) => "/" + prefix.Trim('/');
}
