using System.Diagnostics;
using System.Diagnostics.Metrics;
using Gtc.Model;
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
    private readonly Counter<long> _usedRequests;
    private readonly Counter<long> _usedFlowRuns;
    private readonly Counter<long> _usedComponentCalls;
    private readonly Counter<long> _usedBytesIn;
    private readonly Counter<long> _usedBytesOut;

    public WorkerTelemetry()
    {
        _duration = _meter.CreateHistogram(
            "gtc.request.duration", "s", "From the head of a request to the end of its answer.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = Bounds });
        _requests = _meter.CreateCounter<long>("gtc.requests", "{request}", "Requests that a revision answered.");
        _errors = _meter.CreateCounter<long>("gtc.request.errors", "{request}", "Requests that failed: answers of 500 and above, and those that were cut.");
        _inFlight = _meter.CreateUpDownCounter<long>("gtc.requests.in_flight", "{request}", "Requests under way.");
        _usedRequests = _meter.CreateCounter<long>("gtc.usage.requests", "{request}", "Requests that are billed.");
        _usedFlowRuns = _meter.CreateCounter<long>("gtc.usage.flow_runs", "{run}", "Flows that ran to an end.");
        _usedComponentCalls = _meter.CreateCounter<long>("gtc.usage.component_calls", "{call}", "Components that flows called.");
        _usedBytesIn = _meter.CreateCounter<long>("gtc.usage.bytes_in", "By", "Bytes of request bodies.");
        _usedBytesOut = _meter.CreateCounter<long>("gtc.usage.bytes_out", "By", "Bytes of answers' bodies.");
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

        if (_inFlight.Enabled)
        {
            _inFlight.Add(-1, Tags(seat));
        }

        if (!seat.IsPreview && (_duration.Enabled || _requests.Enabled || _errors.Enabled))
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

    /// <summary>A request was billed.</summary>
    public void Used(UsageSource source, string environment, long bytesIn, long bytesOut)
    {
        if (_usedRequests.Enabled || _usedBytesIn.Enabled || _usedBytesOut.Enabled)
        {
            var tags = Tags(source, environment);
            _usedRequests.Add(1, tags);
            _usedBytesIn.Add(bytesIn, tags);
            _usedBytesOut.Add(bytesOut, tags);
        }
    }

    /// <summary>A flow run was billed.</summary>
    public void Used(UsageSource source, string environment, long componentCalls)
    {
        if (_usedFlowRuns.Enabled || _usedComponentCalls.Enabled)
        {
            var tags = Tags(source, environment);
            _usedFlowRuns.Add(1, tags);
            _usedComponentCalls.Add(componentCalls, tags);
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

    private static KeyValuePair<string, object?>[] Tags(UsageSource source, string environment) =>
    [
        new("gtc.env", environment),
        new("gtc.customer", source.CustomerId),
        new("gtc.tenant", source.Tenant),
        new("gtc.deployment", source.DeploymentId.ToString()),
        new("gtc.bundle", source.BundleId),
        new("gtc.revision", source.RevisionId.ToString()),
    ];
}
