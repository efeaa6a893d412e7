namespace Gtc.Model;

/// <summary>The validity of traffic splits (environment-model.md §2.6 and §3 step 8).</summary>
public static class SplitRules
{
    /// <summary>Null when every part is at most 10,000 and the sum is exactly 10,000; parts are checked first, so that no sum can wrap.</summary>
    public static Refusal.InvalidDocument? ValidateSum(IEnumerable<uint> parts, string what)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ulong sum = 0;
        foreach (var part in parts)
        {
            if (part > TrafficSplit.Whole)
            {
                return EnvironmentRules.Broken("BasisPointsEntryTooLarge", $"{what}: {part} basis points are more than the whole of {TrafficSplit.Whole}");
            }

            sum += part;
        }

        return sum == TrafficSplit.Whole
            ? null
            : EnvironmentRules.Broken("BasisPointsSum", $"{what}: the parts sum to {sum} basis points, exactly {TrafficSplit.Whole} were expected");
    }

    /// <summary>Null when the split alone is valid.</summary>
    public static Refusal.InvalidDocument? Validate(TrafficSplit split)
    {
        ArgumentNullException.ThrowIfNull(split);
        return EnvironmentRules.Schema(split.Schema, Schemas.TrafficSplit)
            ?? ValidateSum(split.Entries.Select(entry => entry.WeightBps), "traffic split");
    }

    internal static Refusal.InvalidDocument? Validate(EnvironmentDocument document)
    {
        var seen = new HashSet<DeploymentId>();
        foreach (var split in document.TrafficSplits)
        {
            var broken = EnvironmentRules.SameEnvironment(split.EnvId, document, "traffic_split")
                ?? Validate(split)
                ?? ValidateReferences(split, document);
            if (broken is not null)
            {
                return broken;
            }

            if (!seen.Add(split.DeploymentId))
            {
                return EnvironmentRules.Broken("DuplicateTrafficSplit", $"deployment {split.DeploymentId} has two traffic splits");
            }
        }

        return null;
    }

    private static Refusal.InvalidDocument? ValidateReferences(TrafficSplit split, EnvironmentDocument document)
    {
        var deployment = document.Bundles.FirstOrDefault(d => d.DeploymentId == split.DeploymentId);
        if (deployment is null)
        {
            return EnvironmentRules.Broken("UnknownDeployment", $"a traffic split names unknown deployment {split.DeploymentId}");
        }

        if (deployment.BundleId != split.BundleId)
        {
            return EnvironmentRules.Broken("SplitDeploymentBundleMismatch", $"the split of deployment {split.DeploymentId} is for bundle `{split.BundleId}`, the deployment for `{deployment.BundleId}`");
        }

        var seen = new HashSet<RevisionId>();
        foreach (var entry in split.Entries)
        {
            var revision = document.Revisions.FirstOrDefault(r => r.RevisionId == entry.RevisionId);
            if (revision is null)
            {
                return EnvironmentRules.Broken("UnknownRevision", $"the split of deployment {split.DeploymentId} names unknown revision {entry.RevisionId}");
            }

            if (revision.DeploymentId != split.DeploymentId)
            {
                return EnvironmentRules.Broken("SplitRevisionWrongDeployment", $"the split of deployment {split.DeploymentId} names revision {entry.RevisionId} of deployment {revision.DeploymentId}");
            }

            if (revision.BundleId != split.BundleId)
            {
                return EnvironmentRules.Broken("SplitRevisionWrongBundle", $"the split of deployment {split.DeploymentId} names revision {entry.RevisionId} of bundle `{revision.BundleId}`");
            }

            if (!seen.Add(entry.RevisionId))
            {
                return EnvironmentRules.Broken("DuplicateSplitEntry", $"the split of deployment {split.DeploymentId} names revision {entry.RevisionId} twice");
            }
        }

        return null;
    }
}
