using Gtc.Model;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>
/// Revisions that drain while they still have a share: they keep the callers that they have for their drain time and are then left out of the table
/// (dispatcher.md §5). Asked by one thread, several times a second.
/// </summary>
internal sealed partial class DrainsInPlace(TimeProvider time, ILogger logger)
{
    private readonly Dictionary<RevisionId, DateTimeOffset> _since = [];

    /// <summary>Looks at the revisions of an activation.</summary>
    public void Check(Activation activation)
    {
        var now = time.GetUtcNow();
        foreach (var revision in activation.Revisions)
        {
            var state = revision.State;
            if (!state.IsDraining)
            {
                state.IsEvicted = false;
                _since.Remove(revision.Id);
            }
            else if (_since.TryAdd(revision.Id, now))
            {
                Log.Draining(logger, revision.Id, revision.Deployment, revision.Block.BundleId, revision.InFlight, revision.DrainTime.TotalSeconds);
            }
            else if (!state.IsEvicted && now - _since[revision.Id] >= revision.DrainTime)
            {
                state.IsEvicted = true;
                Log.Evicted(logger, revision.Id, revision.Deployment, revision.Block.BundleId);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4715, LogLevel.Information, "RevisionDraining: {Revision} of deployment {Deployment} (bundle {Bundle}) gets no new callers; those it has, {InFlight} requests in flight, get {Seconds} s")]
        public static partial void Draining(ILogger logger, RevisionId revision, DeploymentId deployment, string bundle, int inFlight, double seconds);

        [LoggerMessage(4716, LogLevel.Information, "RevisionEvicted: {Revision} of deployment {Deployment} (bundle {Bundle}) keeps its callers no longer")]
        public static partial void Evicted(ILogger logger, RevisionId revision, DeploymentId deployment, string bundle);
    }
}
