using Gtc.Artifacts.Materialisation;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>Looks again at revisions that are served: their packs lie where they were and are the pinned ones. One that fails gets no requests until it passes.</summary>
internal static partial class RevisionHealth
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
                Log.Passed(logger, revision.Id, revision.Deployment, revision.Block.BundleId);
            }
            else
            {
                Log.Failed(logger, revision.Id, revision.Deployment, revision.Block.BundleId, why);
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

    private static partial class Log
    {
        [LoggerMessage(4713, LogLevel.Information, "HealthGatePassed: {Revision} of deployment {Deployment} (bundle {Bundle})")]
        public static partial void Passed(ILogger logger, object revision, object deployment, object bundle);

        [LoggerMessage(4714, LogLevel.Error, "HealthGateFailed: {Revision} of deployment {Deployment} (bundle {Bundle}) takes no requests: {Reason}")]
        public static partial void Failed(ILogger logger, object revision, object deployment, object bundle, string reason);
    }
}
