namespace Gtc.Model;

/// <summary>What every deployer checks before it asks its provider (deployers-and-conformance.md §1).</summary>
public static class DeployerChecks
{
    /// <summary>The revision, or <see cref="DeployerRefusal.RevisionNotFound"/>.</summary>
    public static Outcome<Revision> Find(EnvironmentDocument environment, RevisionId revision)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return environment.Revisions.FirstOrDefault(candidate => candidate.RevisionId == revision) is { } found
            ? found
            : new DeployerRefusal.RevisionNotFound(environment.EnvironmentId, revision);
    }

    /// <summary>The shares of a deployment, checked to be the whole; or <see cref="DeployerRefusal.SplitNotFound"/>, or <see cref="DeployerRefusal.InvalidSplit"/>.</summary>
    public static Outcome<TrafficSplit> Find(EnvironmentDocument environment, DeploymentId deployment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        if (environment.TrafficSplits.FirstOrDefault(split => split.DeploymentId == deployment) is not { } found)
        {
            return new DeployerRefusal.SplitNotFound(environment.EnvironmentId, deployment);
        }

        var sum = found.Entries.Aggregate(0UL, (total, entry) => total + entry.WeightBps);
        return sum == TrafficSplit.Whole ? found : new DeployerRefusal.InvalidSplit(deployment, sum);
    }
}
