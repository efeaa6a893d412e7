using Gtc.Model;
using Gtc.Routing;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>
/// Revisions that drain while they still have a share: they keep the callers that they have for their drain time and are then left out of the table
/// (dispatcher.md §5). Asked by one thread, several times a second.
/// </summary>
internal sealed partial class DrainsInPlace(TimeProvider time, ILogger logger)
{
    private readonly Dictionary<RevisionId, DateTimeOffset> _since = [];

    /// <summary>Looks at the revisions of a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="drainTimeOf">How long a revision keeps its callers; null for one that has none.</param>
    /// <returns>Those whose time ended just now.</returns>
    public IReadOnlyList<RevisionState> Check(RoutingTable table, Func<RevisionId, TimeSpan?> drainTimeOf)
    {
        var now = time.GetUtcNow();
        List<RevisionState>? ended = null;
        foreach (var route in table.Routes)
        {
            foreach (var state in route.Revisions.Select(revision => revision.State))
            {
                if (drainTimeOf(state.Revision) is { } drainTime && HasEnded(route, state, drainTime, now))
                {
                    (ended ??= []).Add(state);
                }
            }
        }

        return ended ?? (IReadOnlyList<RevisionState>)[];
    }

    private bool HasEnded(DeploymentRoute route, RevisionState state, TimeSpan drainTime, DateTimeOffset now)
    {
        if (!state.IsDraining)
        {
            state.IsEvicted = false;
            _since.Remove(state.Revision);
            return false;
        }

        if (_since.TryAdd(state.Revision, now))
        {
            Log.Draining(logger, state.Revision, route.Deployment, route.BundleId, state.InFlight, drainTime.TotalSeconds);
            return false;
        }

        if (state.IsEvicted || now - _since[state.Revision] < drainTime)
        {
            return false;
        }

        state.IsEvicted = true;
        Log.Evicted(logger, state.Revision, route.Deployment, route.BundleId);
        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(4715, LogLevel.Information, "RevisionDraining: {Revision} of deployment {Deployment} (bundle {Bundle}) gets no new callers; those it has, {InFlight} requests in flight, get {Seconds} s")]
        public static partial void Draining(ILogger logger, RevisionId revision, DeploymentId deployment, string bundle, long inFlight, double seconds);

        [LoggerMessage(4716, LogLevel.Information, "RevisionEvicted: {Revision} of deployment {Deployment} (bundle {Bundle}) keeps its callers no longer")]
        public static partial void Evicted(ILogger logger, RevisionId revision, DeploymentId deployment, string bundle);
    }
}
