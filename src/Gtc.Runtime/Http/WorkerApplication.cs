using System.Diagnostics;
using System.Text;
using Gtc.Flows;
using Gtc.Model;
using Gtc.Routing;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>The worker's HTTP surface, in the order of worker-runtime.md §5.</summary>
/// <param name="options">What the worker was told.</param>
/// <param name="logger">Where failures go.</param>
internal sealed partial class WorkerApplication(WorkerOptions options, ILogger logger) : IHttpApplication<IFeatureCollection>, IDisposable
{
    private const string PlainOk = "text/plain";
    private const string RestartRequired = "x-greentic-restart-required";
    private const string HealthOf = "/healthz/";

    private readonly WorkerTelemetry _telemetry = new();
    private LiveServing _live = null!;
    private RevisionDesk _desk = null!;

    /// <summary>Says what is served; called once, before the listener opens.</summary>
    /// <param name="live">What is served.</param>
    /// <param name="cookies">The cookies that pin and the tokens that name.</param>
    public void Serve(LiveServing live, PinCookies cookies)
    {
        _live = live;
        _desk = new RevisionDesk(live, options, cookies);
    }

    public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

    public void DisposeContext(IFeatureCollection context, Exception? exception)
    {
    }

    public void Dispose() => _telemetry.Dispose();

    public Task ProcessRequestAsync(IFeatureCollection context)
    {
        var path = context.GetRequiredFeature<IHttpRequestFeature>().Path;
        switch (path)
        {
            case "/livez" or "/readyz" or "/healthz" or "/health":
                MarkRestart(context);
                return Answer.WriteAsync(context, 200, PlainOk, Answer.Ok);
            case "/status":
                return Answer.JsonAsync(context, _live.Status().ToBytes());
            case "/metrics":
                return Answer.WriteAsync(context, 200, Encoding.ASCII.GetString(PrometheusText.MediaType.Span), WorkerMetrics.Of(_live));
            default:
                return path.StartsWith(HealthOf, StringComparison.Ordinal) ? HealthAsync(context, path[HealthOf.Length..]) : DispatchAsync(context);
        }
    }

    /// <summary>One revision's health (decision 19).</summary>
    private Task HealthAsync(IFeatureCollection context, string name)
    {
        MarkRestart(context);
        var row = RevisionId.TryParse(name, out var id) ? _live.Current.Activation.Table.States.FirstOrDefault(state => state.Revision == id) : null;
        if (row is null)
        {
            return Answer.TextAsync(context, 404, $"revision {name} is neither routed nor previewed here; /status lists those that are");
        }

        return row.IsHealthy && _live.Current.Activation.Find(id) is not null
            ? Answer.WriteAsync(context, 200, PlainOk, Answer.Ok)
            : Answer.TextAsync(context, 503, $"revision {id} takes no requests; /status and the log say why");
    }

    private void MarkRestart(IFeatureCollection context)
    {
        if (_live.Current.RestartRequired)
        {
            context.GetRequiredFeature<IHttpResponseFeature>().Headers[RestartRequired] = "true";
        }
    }

    private async Task DispatchAsync(IFeatureCollection context)
    {
        var started = Stopwatch.GetTimestamp();
        var request = new IngressRequest(context, options);
        var body = new IngressBody(context, request.Identity);
        var why = _desk.Refuse(request);
        if (why is null && request.MayBeKnownByItsBody)
        {
            why = await body.ReadAsync(context.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted);
        }

        var (seat, noSeat) = why is null ? await _desk.EnterAsync(request, body.Message, context.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted) : new Seating(null, why);
        if (seat is null)
        {
            await RefuseAsync(context, noSeat!);
            return;
        }

        var span = _telemetry.Start(seat, context.GetRequiredFeature<IHttpRequestFeature>().Headers);
        var isComplete = false;
        try
        {
            isComplete = await TryAnswerAsync(context, ending => AnswerAsync(context, request, body, seat, ending), seat.Revision.Cut);
        }
        finally
        {
            seat.Revision.Leave();
            var response = context.GetRequiredFeature<IHttpResponseFeature>();
            var elapsed = Stopwatch.GetElapsedTime(started);
            var meter = seat.IsPreview ? seat.Revision.State.PreviewMeter : seat.Revision.State.Meter;
            meter.Add(response.StatusCode, isComplete, Stopwatch.GetTimestamp() - started, body.Length, response.Headers.ContentLength ?? 0);
            Bill(seat, body.Length, response.Headers.ContentLength ?? 0);
            _telemetry.End(seat, span, isComplete ? response.StatusCode : 500, elapsed);
        }
    }

    private void Bill(Seat seat, long bytesIn, long bytesOut)
    {
        if (seat.Usage is { } usage)
        {
            usage.AddRequest(bytesIn, bytesOut);
            _telemetry.Used(usage.Source, seat.Revision.Context.EnvironmentId, bytesIn, bytesOut);
        }
    }

    private Task RefuseAsync(IFeatureCollection context, NoSeat why)
    {
        if (why.Status >= 500)
        {
            Log.DispatchFailed(logger, context.GetRequiredFeature<IHttpRequestFeature>().Path, why.Text);
        }

        return Answer.TextAsync(context, why.Status, why.Text);
    }

    /// <returns>False when the revision's drain time was over before the answer was whole.</returns>
    private static async Task<bool> TryAnswerAsync(IFeatureCollection context, Func<CancellationToken, Task> answer, CancellationToken cut)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted, cut);
        try
        {
            await answer(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (cut.IsCancellationRequested && !context.GetRequiredFeature<IHttpResponseFeature>().HasStarted)
        {
            context.GetRequiredFeature<IHttpResponseFeature>().Headers.Connection = "close";
            await Answer.TextAsync(context, 503, "the drain time of this revision is over");
            return false;
        }
    }

    private async Task AnswerAsync(IFeatureCollection context, IngressRequest request, IngressBody body, Seat seat, CancellationToken cancellationToken)
    {
        var response = context.GetRequiredFeature<IHttpResponseFeature>();
        if (request.Shows || seat.Route.ExposesRevision)
        {
            response.Headers["X-Served-Revision"] = seat.Revision.Id.ToString();
        }

        if (await body.ReadAsync(cancellationToken) is { } tooLarge)
        {
            await Answer.TextAsync(context, tooLarge.Status, tooLarge.Text);
        }
        else if (context.GetRequiredFeature<IHttpRequestFeature>().Method != "POST")
        {
            response.Headers.Allow = "POST";
            await Answer.TextAsync(context, 405, "only POST is supported for the generic revision ingress");
        }
        else if (body.Refusal is { } malformed)
        {
            await Answer.TextAsync(context, 400, malformed.Message);
        }
        else
        {
            await RunFlowAsync(context, body.Message!, seat, cancellationToken);
        }
    }

    private async Task RunFlowAsync(IFeatureCollection context, InboundActivity message, Seat seat, CancellationToken cancellationToken)
    {
        var revision = seat.Revision;
        if (!revision.Flows.Handle(message, revision.Context, cancellationToken).TryGet(out var reply, out var refusal))
        {
            Log.FlowFailed(logger, revision.Id, refusal.Message);
            await Answer.TextAsync(context, 500, "flow execution failed");
            return;
        }

        if (seat.Usage is { } usage)
        {
            usage.AddFlowRun(reply.ComponentCalls);
            _telemetry.Used(usage.Source, revision.Context.EnvironmentId, reply.ComponentCalls);
        }

        if (seat.Cookies.Length > 0)
        {
            context.GetRequiredFeature<IHttpResponseFeature>().Headers.SetCookie = seat.Cookies;
        }

        await Answer.JsonAsync(context, reply.WriteActivities());
    }

    private static partial class Log
    {
        [LoggerMessage(4601, LogLevel.Error, "No revision can be drawn for {Path}: {Reason}")]
        public static partial void DispatchFailed(ILogger logger, string path, string reason);

        [LoggerMessage(4602, LogLevel.Warning, "Revision {Revision} could not choose a flow: {Reason}")]
        public static partial void FlowFailed(ILogger logger, RevisionId revision, string reason);
    }
}
