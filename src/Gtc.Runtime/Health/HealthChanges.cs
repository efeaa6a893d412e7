using Gtc.Routing;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>Tells when the worker of a routed revision stops to answer and when it answers again. Asked by one thread, several times a second.</summary>
internal sealed class HealthChanges(ILogger logger)
{
    private const string NoAnswer = "its worker does not answer; its share goes to the others";

    private readonly HashSet<RevisionState> _unhealthy = [];

    /// <summary>Looks at the revisions of a table.</summary>
    public void Check(RoutingTable table)
    {
        foreach (var route in table.Routes)
        {
            foreach (var state in route.Revisions.Select(revision => revision.State))
            {
                if (state.IsHealthy && _unhealthy.Remove(state))
                {
                    RevisionEvents.Passed(logger, state.Revision, route.Deployment, route.BundleId);
                }
                else if (!state.IsHealthy && _unhealthy.Add(state))
                {
                    RevisionEvents.Failed(logger, state.Revision, route.Deployment, route.BundleId, NoAnswer);
                }
            }
        }

        // What is routed no more is nobody's concern.
        _unhealthy.RemoveWhere(state => !table.Routes.Any(route => route.Find(state.Revision) is not null));
    }
}
