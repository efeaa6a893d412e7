using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>Finds nulls inside lists, which the JSON reader lets through although the types do not allow them.</summary>
internal static class NullItems
{
    /// <summary>The member that holds one, or null when there is none.</summary>
    public static string? Find(EnvironmentDocument document) =>
        Find(document.Packs, "packs")
        ?? Find(document.Extensions, "extensions")
        ?? Find(document.Bundles, "bundles") ?? First(document.Bundles, InDeployment)
        ?? Find(document.Revisions, "revisions") ?? First(document.Revisions, InRevision)
        ?? Find(document.TrafficSplits, "traffic_splits") ?? First(document.TrafficSplits, split => Find(split.Entries, "traffic_splits.entries"))
        ?? Find(document.MessagingEndpoints, "messaging_endpoints") ?? First(document.MessagingEndpoints, InEndpoint);

    /// <summary>The member that holds one, or null when there is none.</summary>
    public static string? Find(RuntimeConfig config) =>
        Find(config.Revisions, "revisions")
        ?? First(config.Revisions, revision => Find(revision.PackListRefs, "revisions.pack_list_refs") ?? Find(revision.PackConfigRefs, "revisions.pack_config_refs"));

    /// <summary>The member that holds one, or null when there is none.</summary>
    public static string? Find(TrafficSplit split) => Find(split.Entries, "entries");

    private static string? InDeployment(BundleDeployment deployment) =>
        Find(deployment.RevenueShare, "bundles.revenue_share")
        ?? Find(deployment.RouteBinding.Hosts, "bundles.route_binding.hosts")
        ?? Find(deployment.RouteBinding.PathPrefixes, "bundles.route_binding.path_prefixes")
        ?? Find(deployment.Previews ?? [], "bundles.previews")
        ?? (deployment.ConfigOverrides?.Values.Any(keys => keys is null) == true ? "bundles.config_overrides" : null);

    private static string? InRevision(Revision revision) =>
        Find(revision.PackList, "revisions.pack_list")
        ?? Find(revision.PackConfigRefs, "revisions.pack_config_refs")
        ?? Find(revision.AbortMetrics, "revisions.abort_metrics");

    private static string? InEndpoint(MessagingEndpoint endpoint) =>
        Find(endpoint.SecretRefs, "messaging_endpoints.secret_refs") ?? Find(endpoint.LinkedBundles, "messaging_endpoints.linked_bundles");

    private static string? Find<T>(ImmutableArray<T> items, string member)
        where T : class =>
        items.IsDefault || items.Any(item => item is null) ? member : null;

    private static string? First<T>(ImmutableArray<T> items, Func<T, string?> find) => items.Select(find).FirstOrDefault(found => found is not null);
}
