using System.Diagnostics.Metrics;
using Gtc.Routing;

namespace Gtc.Runtime;

/// <summary>
/// What a router counts of every revision that it routes to, for whoever listens in this process: meter <c>Gtc.Runtime</c>. Latencies stand in
/// <c>/metrics</c>; a router makes no spans, it passes the caller's trace on.
/// </summary>
internal sealed class RouterTelemetry : IDisposable
{
    private static readonly string[] Classes = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"];

    private readonly Meter _meter = new(WorkerTelemetry.Name);

    /// <summary>Begins to tell.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="table">Where requests go at the moment.</param>
    public RouterTelemetry(string environment, Func<RoutingTable> table)
    {
        _meter.CreateObservableCounter(
            "gtc.router.requests",
            () => from row in Rows(table())
                  from index in Enumerable.Range(0, Classes.Length)
                  let count = row.Revision.State.Meter.OfClass(index)
                  where count > 0
                  select new Measurement<long>(count, [.. Tags(environment, row), new("http.response.status_class", Classes[index])]),
            "{request}",
            "Requests that were forwarded, by class of status.");
        _meter.CreateObservableCounter(
            "gtc.router.request.errors",
            () => Rows(table()).Select(row => new Measurement<long>(row.Revision.State.Meter.Errors, Tags(environment, row))),
            "{request}",
            "Requests that failed: answers of 500 and above, and those that were cut.");
        _meter.CreateObservableUpDownCounter(
            "gtc.router.requests.in_flight",
            () => Rows(table()).Select(row => new Measurement<long>(row.Revision.State.InFlight, Tags(environment, row))),
            "{request}",
            "Requests under way.");
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<(DeploymentRoute Route, RoutedRevision Revision)> Rows(RoutingTable table) =>
        table.Routes.SelectMany(route => route.Revisions, (route, revision) => (route, revision));

    private static KeyValuePair<string, object?>[] Tags(string environment, (DeploymentRoute Route, RoutedRevision Revision) row) =>
    [
        new("gtc.env", environment),
        new("gtc.customer", row.Route.Customer),
        new("gtc.tenant", row.Route.Tenant.Tenant),
        new("gtc.deployment", row.Route.Deployment.ToString()),
        new("gtc.bundle", row.Route.BundleId),
        new("gtc.revision", row.Revision.State.Name),
    ];
}
