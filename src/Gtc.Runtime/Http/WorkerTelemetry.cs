using System.Diagnostics;
using System.Diagnostics.Metrics;
using Gtc.Model;
using Gtc.Routing;
using Microsoft.AspNetCore.Http;

namespace Gtc.Runtime;

/// <summary>Spans and metrics of requests for whoever listens in this process: source and meter <c>Gtc.Runtime</c>.</summary>
internal sealed class WorkerTelemetry : IDisposable
{
    /// <summary>What source and meter are called.</summary>
    public const string Name = "Gtc.Runtime";

    /// <summary>In seconds: a flow takes a fraction of a millisecond, a model's answer seconds.</summary>
    private static readonly double[] Bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly ActivitySource _source = new(Name);
    private readonly Meter _meter = new(Name);
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _errors;
    private readonly UpDownCounter<long> _inFlight;

    public WorkerTelemetry()
    {
        _duration = _meter.CreateHistogram(
            "gtc.request.duration", "s", "From the head of a request to the end of its answer.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = Bounds });
        _requests = _meter.CreateCounter<long>("gtc.requests", "{request}", "Requests that a revision answered.");
        _errors = _meter.CreateCounter<long>("gtc.request.errors", "{request}", "Requests that failed: answers of 500 and above, and those that were cut.");
        _inFlight = _meter.CreateUpDownCounter<long>("gtc.requests.in_flight", "{request}", "Requests under way.");
    }

    /// <summary>Tells the usage meters of what is served, too.</summary>
    public void Observe(LiveServing live)
    {
        var meters = live.Pool.Usage;
        Usage("gtc.usage.requests", "{request}", "Requests that are billed.", static counts => counts.Requests);
        Usage("gtc.usage.flow_runs", "{run}", "Flows that ran to an end.", static counts => counts.FlowRuns);
        Usage("gtc.usage.component_calls", "{call}", "Components that flows called.", static counts => counts.ComponentCalls);
        Usage("gtc.usage.bytes_in", "By", "Bytes of request bodies.", static counts => counts.BytesIn);
        Usage("gtc.usage.bytes_out", "By", "Bytes of answers' bodies.", static counts => counts.BytesOut);

        void Usage(string name, string unit, string description, Func<UsageCounts, long> value) => _meter.CreateObservableCounter(
            name, () => meters.All.Select(meter => new Measurement<long>(value(meter.Total), Tags(live.Current.Document.EnvironmentId, meter.Source))), unit, description);
    }

    /// <summary>The span of a request, a child of the one that its traceparent names; null when nobody listens.</summary>
    public Activity? Start(Seat seat, IHeaderDictionary fields)
    {
        if (_inFlight.Enabled)
        {
            _inFlight.Add(1, Tags(seat));
        }

        if (!_source.HasListeners() || _source.StartActivity("gtc.request", ActivityKind.Server, ParentOf(fields)) is not { } span)
        {
            return null;
        }

        foreach (var (key, value) in Tags(seat))
        {
            span.SetTag(key, value);
        }

        return span;
    }

    /// <summary>A request is over.</summary>
    public void End(Seat seat, Activity? span, int status, TimeSpan elapsed)
    {
        if (span is not null)
        {
            span.SetTag("http.response.status_code", status);
            span.SetStatus(status >= 500 ? ActivityStatusCode.Error : ActivityStatusCode.Unset);
            span.Dispose();
        }

        if (_inFlight.Enabled)
        {
            _inFlight.Add(-1, Tags(seat));
        }

        if (_duration.Enabled || _requests.Enabled || _errors.Enabled)
        {
            TagList tags = [.. Tags(seat), new("http.response.status_code", status)];
            _duration.Record(elapsed.TotalSeconds, tags);
            _requests.Add(1, tags);
            if (status >= 500)
            {
                _errors.Add(1, tags);
            }
        }
    }

    public void Dispose()
    {
        _source.Dispose();
        _meter.Dispose();
    }

    /// <summary>W3C Trace Context; a field that is none, or is there twice, is as good as absent.</summary>
    private static ActivityContext ParentOf(IHeaderDictionary fields) =>
        fields.TraceParent is [{ } parent] && ActivityContext.TryParse(parent, fields.TraceState, isRemote: true, out var context) ? context : default;

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

    private static KeyValuePair<string, object?>[] Tags(EnvId environment, UsageSource source) =>
    [
        new("gtc.env", environment.ToString()),
        new("gtc.customer", source.CustomerId),
        new("gtc.tenant", source.Tenant),
        new("gtc.deployment", source.DeploymentId.ToString()),
        new("gtc.bundle", source.BundleId),
        new("gtc.revision", source.RevisionId.ToString()),
    ];
}
