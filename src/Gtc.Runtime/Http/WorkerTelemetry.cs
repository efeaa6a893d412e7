using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Gtc.Runtime;

/// <summary>Spans and metrics of requests for whoever listens in this process: source and meter <c>Gtc.Runtime</c>.</summary>
internal sealed class WorkerTelemetry : IDisposable
{
    private const string Name = "Gtc.Runtime";

    private readonly ActivitySource _source = new(Name);
    private readonly Meter _meter = new(Name);
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _requests;

    public WorkerTelemetry()
    {
        _duration = _meter.CreateHistogram<double>("gtc.request.duration", "s", "From the head of a request to the end of its answer.");
        _requests = _meter.CreateCounter<long>("gtc.requests", "{request}", "Requests that a revision answered.");
    }

    /// <summary>The span of a request; null when nobody listens.</summary>
    public Activity? Start(Seat seat)
    {
        if (!_source.HasListeners() || _source.StartActivity("gtc.request", ActivityKind.Server) is not { } span)
        {
            return null;
        }

        foreach (var (key, value) in Tags(seat))
        {
            span.SetTag(key, value);
        }

        if (seat.IsPreview)
        {
            span.SetTag("gtc.preview", true);
        }

        return span;
    }

    /// <summary>A request is over. One that came in by a preview has its span, and is in no metric by which a revision is judged.</summary>
    public void End(Seat seat, Activity? span, int status, TimeSpan elapsed)
    {
        if (span is not null)
        {
            span.SetTag("http.response.status_code", status);
            span.SetStatus(status >= 500 ? ActivityStatusCode.Error : ActivityStatusCode.Unset);
            span.Dispose();
        }

        if (!seat.IsPreview && (_duration.Enabled || _requests.Enabled))
        {
            TagList tags = [.. Tags(seat), new("http.response.status_code", status)];
            _duration.Record(elapsed.TotalSeconds, tags);
            _requests.Add(1, tags);
        }
    }

    public void Dispose()
    {
        _source.Dispose();
        _meter.Dispose();
    }

    private static KeyValuePair<string, object?>[] Tags(Seat seat) =>
    [
        new("gtc.env", seat.Revision.Context.EnvironmentId),
        new("gtc.customer", seat.Route.Customer),
        new("gtc.tenant", seat.Revision.Context.Tenant),
        new("gtc.deployment", seat.Revision.Context.DeploymentId),
        new("gtc.bundle", seat.Route.BundleId),
        new("gtc.revision", seat.Revision.Context.RevisionId),
        new("gtc.split_generation", (long)seat.Route.Generation),
    ];
}
