using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>The rules of a manifest's bundles (op-cli.md §6.7).</summary>
internal static class ManifestBundleRules
{
    public static void Check(ImmutableArray<ManifestBundle> bundles, EnvId environment)
    {
        for (var index = 0; index < bundles.Length; index++)
        {
            var (bundle, at) = (bundles[index], $"bundles[{index}]");
            ManifestFault.If(DeploymentVerbs.CheckSegment("bundle_id", bundle.BundleId), $"{at}.bundle_id");
            CheckCustomer(bundle, environment, at);
            CheckForm(bundle, at);
            CheckSource(bundle.BundlePath, bundle.BundleSourceUri, bundle.BundleDigest, at);
            ManifestFault.UnlessOneOf(bundle.Status, ManifestWords.Statuses, $"{at}.status");
            CheckShares(bundle, at);
            ManifestFault.If(DeploymentRules.ValidateOverrides(bundle.ConfigOverrides), $"{at}.config_overrides");
            CheckRoute(bundle.RouteBinding, $"{at}.route_binding");
            if (bundle.Revisions is { } revisions)
            {
                CheckRevisions(revisions, at);
            }
        }

        ManifestFault.IfRepeated(bundles.Select(bundle => bundle.BundleId), index => $"bundles[{index}].bundle_id");
    }

    private static void CheckCustomer(ManifestBundle bundle, EnvId environment, string at)
    {
        ManifestFault.Unless(bundle.CustomerId is not null || environment == EnvId.Local, $"{at}.customer_id", $"is required outside `{EnvId.Local}`");
        ManifestFault.If(bundle.CustomerId is { } customer ? DeploymentVerbs.CheckSegment("customer_id", customer) : null, $"{at}.customer_id");
    }

    private static void CheckForm(ManifestBundle bundle, string at)
    {
        if (bundle.Revisions is null)
        {
            ManifestFault.Unless(bundle.BundlePath is not null || bundle.BundleSourceUri is not null, at, "needs bundle_path, bundle_source_uri or revisions");
            return;
        }

        ManifestFault.Unless(bundle.BundlePath is null, $"{at}.bundle_path", "excludes revisions");
        ManifestFault.Unless(bundle.BundleSourceUri is null, $"{at}.bundle_source_uri", "excludes revisions: it belongs to each of them");
        ManifestFault.Unless(bundle.BundleDigest is null, $"{at}.bundle_digest", "excludes revisions: it belongs to each of them");
    }

    private static void CheckSource(string? path, string? uri, string? digest, string at)
    {
        ManifestFault.IfBlank(path, $"{at}.bundle_path");
        ManifestFault.Unless(
            uri is null || (Uri.TryCreate(uri, UriKind.Absolute, out var parsed) && ManifestWords.SourceSchemes.Contains(parsed.Scheme)),
            $"{at}.bundle_source_uri",
            $"`{uri}` must be a URI with one of the schemes {string.Join(", ", ManifestWords.SourceSchemes)}");
        ManifestFault.Unless(digest is null || Sha256Digest.TryParse(digest, out _), $"{at}.bundle_digest", $"`{digest}` must be {Sha256Digest.Expectation}");
    }

    private static void CheckShares(ManifestBundle bundle, string at)
    {
        if (bundle.RevenueShare is not { } shares)
        {
            return;
        }

        for (var index = 0; index < shares.Length; index++)
        {
            ManifestFault.IfBlank(shares[index].PartyId, $"{at}.revenue_share[{index}].party_id");
        }

        ManifestFault.IfRepeated(shares.Select(share => share.PartyId), index => $"{at}.revenue_share[{index}].party_id");
        ManifestFault.If(SplitRules.ValidateSum(shares.Select(share => share.BasisPoints), "revenue_share"), $"{at}.revenue_share");
    }

    private static void CheckRoute(ManifestRoute? route, string at)
    {
        if (route is null)
        {
            return;
        }

        var (hosts, prefixes) = (route.Hosts ?? [], route.PathPrefixes ?? []);
        for (var index = 0; index < hosts.Length; index++)
        {
            ManifestFault.IfBlank(hosts[index], $"{at}.hosts[{index}]");
        }

        for (var index = 0; index < prefixes.Length; index++)
        {
            ManifestFault.Unless(prefixes[index].StartsWith('/'), $"{at}.path_prefixes[{index}]", $"`{prefixes[index]}` must start with /");
        }

        ManifestFault.Unless(
            route.TenantSelector is null || hosts.Length + prefixes.Length > 0,
            $"{at}.tenant_selector",
            "needs at least one host or path prefix to tell its requests by");
        ManifestFault.IfBlank(route.TenantSelector?.Tenant, $"{at}.tenant_selector.tenant");
        ManifestFault.IfBlank(route.TenantSelector?.Team, $"{at}.tenant_selector.team");
    }

    private static void CheckRevisions(ImmutableArray<ManifestRevision> revisions, string at)
    {
        ManifestFault.Unless(revisions.Length > 0, $"{at}.revisions", "must not be empty");
        for (var index = 0; index < revisions.Length; index++)
        {
            var (revision, path) = (revisions[index], $"{at}.revisions[{index}]");
            ManifestFault.IfBlank(revision.Name, $"{path}.name");
            ManifestFault.Unless(revision.BundlePath is not null || revision.BundleSourceUri is not null, path, "needs bundle_path or bundle_source_uri");
            CheckSource(revision.BundlePath, revision.BundleSourceUri, revision.BundleDigest, path);
            ManifestFault.Unless(revision.WeightBps is null || revision.WeightPercent is null, $"{path}.weight_bps", "excludes weight_percent");
        }

        ManifestFault.IfRepeated(revisions.Select(revision => revision.Name), index => $"{at}.revisions[{index}].name");
        CheckWeights(revisions, $"{at}.revisions");
    }

    private static void CheckWeights(ImmutableArray<ManifestRevision> revisions, string at)
    {
        var weighted = revisions.Count(revision => (revision.WeightBps ?? revision.WeightPercent) is not null);
        if (weighted == 0)
        {
            return;
        }

        var bare = revisions.ToList().FindIndex(revision => (revision.WeightBps ?? revision.WeightPercent) is null);
        ManifestFault.Unless(bare < 0, $"{at}[{bare}].weight_bps", "is missing: weights stand on all revisions or on none");
        var sum = revisions.Sum(revision => revision.WeightBps is { } bps ? bps : 100m * revision.WeightPercent!.Value);
        ManifestFault.Unless(sum == TrafficSplit.Whole, at, $"the weights sum to {sum} basis points, exactly {TrafficSplit.Whole} were expected");
    }
}
