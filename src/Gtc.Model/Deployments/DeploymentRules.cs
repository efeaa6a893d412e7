using System.Collections.Immutable;
using System.Text.Json;

namespace Gtc.Model;

/// <summary>The validity of deployments (environment-model.md §2.3 and §3 step 7).</summary>
public static class DeploymentRules
{
    /// <summary>The most packs that may have overrides.</summary>
    public const int MaxOverridePacks = 32;

    /// <summary>The most keys of one pack.</summary>
    public const int MaxOverrideKeys = 64;

    /// <summary>The most bytes of all overrides as compact JSON.</summary>
    public const int MaxOverrideBytes = 16_384;

    internal static Refusal.InvalidDocument? Validate(EnvironmentDocument document)
    {
        var revisions = document.Revisions.ToDictionary(r => r.RevisionId);
        var seenIds = new HashSet<DeploymentId>();
        var seenKeys = new HashSet<(string, string)>();
        foreach (var deployment in document.Bundles)
        {
            var broken = EnvironmentRules.SameEnvironment(deployment.EnvId, document, "bundle_deployment")
                ?? EnvironmentRules.Schema(deployment.Schema, Schemas.BundleDeployment)
                ?? ValidateShares(deployment.RevenueShare)
                ?? ValidateOverrides(deployment.ConfigOverrides)
                ?? ValidateCurrent(deployment, revisions)
                ?? ValidateOverridePacks(deployment, document);
            if (broken is not null)
            {
                return broken;
            }

            if (!seenIds.Add(deployment.DeploymentId) || !seenKeys.Add((deployment.BundleId, deployment.CustomerId)))
            {
                return EnvironmentRules.Broken("DuplicateDeployment", $"bundle `{deployment.BundleId}` of customer `{deployment.CustomerId}` is deployed twice");
            }
        }

        return null;
    }

    /// <summary>Null when each share is at most 10,000 and the sum exactly 10,000.</summary>
    public static Refusal.InvalidDocument? ValidateShares(ImmutableArray<RevenueShareEntry> shares) =>
        SplitRules.ValidateSum(shares.Select(share => share.BasisPoints), "revenue_share");

    /// <summary>Null when the overrides keep the bounds on packs, keys and bytes.</summary>
    public static Refusal.InvalidDocument? ValidateOverrides(ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, JsonElement>>? overrides)
    {
        if (overrides is null)
        {
            return null;
        }

        if (overrides.Count > MaxOverridePacks)
        {
            return EnvironmentRules.Broken("ConfigOverridesTooManyPacks", $"config_overrides has {overrides.Count} packs, the most is {MaxOverridePacks}");
        }

        long bytes = 2;
        foreach (var (pack, keys) in overrides)
        {
            if (pack.Length == 0)
            {
                return EnvironmentRules.Broken("ConfigOverrideEmptyPackId", "config_overrides has an empty pack id");
            }

            if (keys.Count > MaxOverrideKeys)
            {
                return EnvironmentRules.Broken("ConfigOverridesTooManyKeysForPack", $"config_overrides.{pack} has {keys.Count} keys, the most is {MaxOverrideKeys}");
            }

            if (keys.ContainsKey(string.Empty))
            {
                return EnvironmentRules.Broken("ConfigOverrideEmptyKey", $"config_overrides.{pack} has an empty key");
            }

            var members = keys.Sum(pair => CanonicalJson.StringLength(pair.Key) + 1L + CanonicalJson.Bytes(pair.Value).Length);
            bytes += CanonicalJson.StringLength(pack) + ":{}".Length + members + Math.Max(0, keys.Count - 1);
        }

        bytes += Math.Max(0, overrides.Count - 1);
        return bytes > MaxOverrideBytes
            ? EnvironmentRules.Broken("ConfigOverridesTooLarge", $"config_overrides has {bytes:N0} bytes, the most is {MaxOverrideBytes:N0}")
            : null;
    }

    private static Refusal.InvalidDocument? ValidateCurrent(BundleDeployment deployment, Dictionary<RevisionId, Revision> revisions)
    {
        foreach (var id in deployment.CurrentRevisions)
        {
            if (!revisions.TryGetValue(id, out var revision))
            {
                return EnvironmentRules.Broken("UnknownRevision", $"deployment {deployment.DeploymentId} lists unknown revision {id}");
            }

            if (revision.DeploymentId != deployment.DeploymentId)
            {
                return EnvironmentRules.Broken("BundleRevisionWrongDeployment", $"deployment {deployment.DeploymentId} lists revision {id} of deployment {revision.DeploymentId}");
            }

            if (revision.BundleId != deployment.BundleId)
            {
                return EnvironmentRules.Broken("BundleRevisionWrongBundle", $"deployment {deployment.DeploymentId} lists revision {id} of bundle `{revision.BundleId}`");
            }
        }

        return null;
    }

    private static Refusal.InvalidDocument? ValidateOverridePacks(BundleDeployment deployment, EnvironmentDocument document)
    {
        if (deployment.ConfigOverrides is not { Count: > 0 } overrides)
        {
            return null;
        }

        var known = document.Revisions
            .Where(r => r.DeploymentId == deployment.DeploymentId && r.Lifecycle != RevisionLifecycle.Archived)
            .SelectMany(r => r.PackList.Select(pack => pack.PackId))
            .ToHashSet(StringComparer.Ordinal);
        var stranger = known.Count == 0 ? null : overrides.Keys.FirstOrDefault(pack => !known.Contains(pack));
        return stranger is null
            ? null
            : EnvironmentRules.Broken("ConfigOverridePackNotInRevisions", $"config_overrides names pack `{stranger}`, which no revision of deployment {deployment.DeploymentId} has");
    }
}
