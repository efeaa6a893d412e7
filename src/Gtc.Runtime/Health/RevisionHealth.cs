using Gtc.Artifacts.Materialisation;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>Looks again at revisions that are served: their packs lie where they were and are the pinned ones. One that fails gets no requests until it passes.</summary>
internal static class RevisionHealth
{
    /// <summary>Checks all revisions of an activation.</summary>
    public static void Check(Activation activation, string environmentFolder, ILogger logger, CancellationToken cancellationToken)
    {
        foreach (var revision in activation.Revisions)
        {
            var why = WhyUnhealthy(revision, environmentFolder, cancellationToken);
            if (why is null == revision.State.IsHealthy)
            {
                continue;
            }

            revision.State.IsHealthy = why is null;
            if (why is null)
            {
                RevisionEvents.Passed(logger, revision.Id, revision.Deployment, revision.Block.BundleId);
            }
            else
            {
                RevisionEvents.Failed(logger, revision.Id, revision.Deployment, revision.Block.BundleId, why);
            }
        }
    }

    private static string? WhyUnhealthy(ActiveRevision revision, string environmentFolder, CancellationToken cancellationToken)
    {
        if (revision.Stamps.AreUnchanged())
        {
            return null;
        }

        var found = PinnedPacks.Check(environmentFolder, revision.Id, revision.Block.PackListRefs, cancellationToken);
        return found.IsLockMissing ? "its pack-list lock is not on disk any more" : found.Problems is [var problem, ..] ? problem.Message : null;
    }
}
