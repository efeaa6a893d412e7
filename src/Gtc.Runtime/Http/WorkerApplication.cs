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
internal sealed class WorkerApplication(WorkerOptions options, ILogger logger) : IHttpApplication<IFeatureCollection>, IAsyncDisposable
{
    private const string PlainOk = "text/plain";
    private const string RestartRequired = "x-greentic-restart-required";
    private const string HealthOf = "/healthz/";

    /// <summary>What a caller is told when no flow could be chosen.</summary>
    public const string FlowFailed = "flow execution failed";

    private readonly WorkerTelemetry _telemetry = new();
    private LiveServing _live = null!;
    private RevisionDesk _desk = null!;
    private SeatedRequests _seated = null!;
    private Deliveries? _deliveries;
    private ProviderWebhooks _webhooks = null!;
    private StaticFiles _files = null!;
    private ChatConsole _console = null!;
    private WorkerInvoke _invoke = null!;

    /// <summary>Says what is served; called once, before the listener opens.</summary>
    /// <param name="live">What is served.</param>
    /// <param name="cookies">The cookies that pin and the tokens that name.</param>
    public void Serve(LiveServing live, PinCookies cookies)
    {
        _live = live;
        _desk = new RevisionDesk(live, options, cookies);
        _seated = new SeatedRequests(_telemetry, logger);
        _deliveries = new Deliveries(live, _desk, _seated, options, logger);
        _webhooks = new ProviderWebhooks(live, _desk, _seated, _deliveries, options, logger);
        _files = new StaticFiles(live);
        _console = new ChatConsole(() => live.Current.Document, () => live.Current.Activation.Table, options);
        _invoke = new WorkerInvoke(_desk, _seated, cookies.LocalCallers, options);
    }

    public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

    public void DisposeContext(IFeatureCollection context, Exception? exception)
    {
    }

    /// <summary>Goes on with messages that a former process took in and did not answer.</summary>
    public void ResumeDeliveries() => _deliveries!.Resume();

    public async ValueTask DisposeAsync()
    {
        if (_deliveries is not null)
        {
            await _deliveries.DisposeAsync();
        }

        _telemetry.Dispose();
    }

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
            case ChatConsole.Path or ChatConsole.CardsPath:
                return _console.Serve(context) ?? DispatchAsync(context);
            case WorkerInvoke.Path:
                return _invoke.AnswerAsync(context);
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
        if (_webhooks.Find(request, context.GetRequiredFeature<IHttpRequestFeature>()) is { } target)
        {
            await _webhooks.AnswerAsync(context, request, target);
            return;
        }

        var body = new IngressBody(context, request.Identity);
        var aborted = context.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted;
        var named = _files.Named(request, context.GetRequiredFeature<IHttpRequestFeature>().Path);
        var why = named is null ? _desk.Refuse(request) : null;
        if (why is null && request.MayBeKnownByItsBody)
        {
            why = await body.ReadAsync(aborted);
        }

        var (seat, noSeat) = why is null ? await _desk.EnterAsync(request, request.VisitorWith(body.Message) with { Deployment = named?.Deployment }, aborted) : new Seating(null, why);
        await (seat is null
            ? _seated.RefuseAsync(context, noSeat!)
            : _seated.AnswerAsync(context, seat, started, () => body.Length, ending => AnswerAsync(context, request, body, seat, ending)));
    }

    private async Task AnswerAsync(IFeatureCollection context, IngressRequest request, IngressBody body, Seat seat, CancellationToken cancellationToken)
    {
        var response = context.GetRequiredFeature<IHttpResponseFeature>();
        if (request.Shows || seat.Route.ExposesRevision)
        {
            response.Headers["X-Served-Revision"] = seat.Revision.Id.ToString();
        }

        if (StaticFiles.Find(seat, context.GetRequiredFeature<IHttpRequestFeature>().Path) is { } file)
        {
            await StaticFiles.AnswerAsync(context, seat, file);
        }
        else if (await body.ReadAsync(cancellationToken) is { } tooLarge)
        {
            await Answer.TextAsync(context, tooLarge.Status, tooLarge.Text);
        }
        else if (context.GetRequiredFeature<IHttpRequestFeature>().Method != "POST")
        {
            await Answer.OnlyAsync(context, "POST", "only POST is supported for the generic revision ingress");
        }
        else if (body.Refusal is { } malformed)
        {
            await Answer.TextAsync(context, 400, malformed.Message);
        }
        else if (AssertedEndpoint.Find(_live.Current.Document, request.Identity.MessagingEndpointId, seat.Route.BundleId) is var (endpoint, unasserted) && unasserted is not null)
        {
            await Answer.TextAsync(context, unasserted.Status, unasserted.Text);
        }
        else if (_seated.Run(seat.Revision, seat.Usage, Through(endpoint, body.Message!, seat), cancellationToken) is not { } reply)
        {
            await Answer.TextAsync(context, 500, FlowFailed);
        }
        else
        {
            if (seat.Cookies.Length > 0)
            {
                response.Headers.SetCookie = seat.Cookies;
            }

            await Answer.JsonAsync(context, reply.WriteActivities());
        }
    }

    private static InboundActivity Through(MessagingEndpoint? endpoint, InboundActivity message, Seat seat) =>
        endpoint is null ? message : message with { MessagingEndpointId = endpoint.EndpointId.ToString(), Welcome = Providers.WelcomeOf(endpoint, seat.Route.BundleId) };
}
