using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>From desired state to what a worker serves (environment-model.md §2.9). Pure and total.</summary>
public static class RuntimeProjection
{
    /// <summary>One block per split entry, in split order then entry order; lifecycle is not looked at, since a filtered split would not sum to 10,000.</summary>
    public static RuntimeConfig Project(EnvironmentDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var revisions = document.Revisions.ToDictionary(r => (r.RevisionId, r.DeploymentId));
        return new RuntimeConfig
        {
            Schema = Schemas.RuntimeConfig,
            EnvId = document.EnvironmentId,
            Revisions =
            [
                .. from split in document.TrafficSplits
                   from entry in split.Entries
                   let revision = revisions.GetValueOrDefault((entry.RevisionId, split.DeploymentId))
                   select Block(split.DeploymentId, split.BundleId, entry.RevisionId, entry.WeightBps, revision),
            ],
        };
    }

    /// <summary>The configuration of a worker that serves one revision and never rolls the dial.</summary>
    public static RuntimeConfig ProjectOnly(EnvironmentDocument document, Revision revision)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(revision);
        return new RuntimeConfig
        {
            Schema = Schemas.RuntimeConfig,
            EnvId = document.EnvironmentId,
            Revisions = [Block(revision.DeploymentId, revision.BundleId, revision.RevisionId, TrafficSplit.Whole, revision)],
        };
    }

    /// <summary>The block of a revision that is loaded although nothing is routed to it.</summary>
    public static RuntimeRevision Unrouted(Revision revision)
    {
        ArgumentNullException.ThrowIfNull(revision);
        return Block(revision.DeploymentId, revision.BundleId, revision.RevisionId, 0, revision);
    }

    private static RuntimeRevision Block(DeploymentId deployment, string bundleId, RevisionId id, uint weight, Revision? revision) => new()
    {
        DeploymentId = deployment,
        RevisionId = id,
        BundleId = bundleId,
        PackListRefs = revision is { PackListLockRef.Length: > 0 } ? [revision.PackListLockRef] : [],
        PackConfigRefs = revision?.PackConfigRefs ?? [],
        WeightBps = weight,
    };
}
