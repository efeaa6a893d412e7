using System.Net;
using System.Text;
using Gtc.Flows;
using Gtc.Model;
using Gtc.Routing;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>The worker's HTTP surface, in the order of worker-runtime.md §5.</summary>
/// <param name="random">64 random bits; they decide between the revisions of a split for callers that are not known.</param>
/// <param name="logger">Where failures go.</param>
internal sealed partial class WorkerApplication(Func<ulong> random, ILogger logger) : IHttpApplication<IFeatureCollection>
{
    private const string PlainOk = "text/plain";

    private readonly Dispatcher _dispatcher = new(null);
    private volatile Serving? _serving;

    /// <summary>Says what is served; called before the listener opens.</summary>
    public void Serve(Serving serving) => _serving = serving;

    public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

    public void DisposeContext(IFeatureCollection context, Exception? exception)
    {
    }

    public Task ProcessRequestAsync(IFeatureCollection context)
    {
        var request = context.GetRequiredFeature<IHttpRequestFeature>();
        return request.Path switch
        {
            "/livez" or "/readyz" or "/healthz" or "/health" => Answer.WriteAsync(context, 200, PlainOk, Answer.Ok),
            "/status" => Answer.JsonAsync(context, _serving!.Status().ToBytes()),
            _ => DispatchAsync(context, request),
        };
    }

    private async Task DispatchAsync(IFeatureCollection context, IHttpRequestFeature request)
    {
        var activation = _serving!.Activation;
        var route = activation.Table.Find(Encoding.UTF8.GetBytes(request.Headers.Host.ToString()), Encoding.UTF8.GetBytes(request.Path));
        if (route is null)
        {
            await Answer.TextAsync(context, 404, "no deployment is bound to this host and path");
            return;
        }

        var cancellation = context.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted;
        var body = await BoundedBody.ReadAsync(
            context.GetRequiredFeature<IRequestBodyPipeFeature>().Reader, request.Headers.ContentLength, cancellation);
        if (body is not { } bytes)
        {
            await Answer.TextAsync(context, 413, "request body exceeds the size limit");
            return;
        }

        if (_dispatcher.Choose(route, default, random(), DateTimeOffset.UnixEpoch) is not { } dispatch)
        {
            Log.DispatchFailed(logger, route.Deployment);
            await Answer.TextAsync(context, 500, "revision dispatch failed");
            return;
        }

        if (request.Method != "POST")
        {
            context.GetRequiredFeature<IHttpResponseFeature>().Headers.Allow = "POST";
            await Answer.TextAsync(context, 405, "only POST is supported for the generic revision ingress");
            return;
        }

        await RunFlowAsync(context, request, activation[dispatch.Revision.Revision], bytes, cancellation);
    }

    private async Task RunFlowAsync(
        IFeatureCollection context, IHttpRequestFeature request, ActiveRevision revision, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        if (!InboundActivity.FromBody(body.Span, Identify(context, request)).TryGet(out var activity, out var refusal))
        {
            await Answer.TextAsync(context, 400, refusal.Message);
            return;
        }

        if (!revision.Flows.Handle(activity, revision.Context, cancellation).TryGet(out var reply, out refusal))
        {
            Log.FlowFailed(logger, revision.Id, refusal.Message);
            await Answer.TextAsync(context, 500, "flow execution failed");
            return;
        }

        await Answer.JsonAsync(context, reply.WriteActivities());
    }

    /// <summary>Only a loopback peer may say who the user is; forwarded headers are never consulted (worker-runtime.md §4).</summary>
    private static CallerIdentity Identify(IFeatureCollection context, IHttpRequestFeature request)
    {
        var peer = context.GetRequiredFeature<IHttpConnectionFeature>().RemoteIpAddress;
        if (peer is null || !IPAddress.IsLoopback(peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer))
        {
            return CallerIdentity.Untrusted;
        }

        return new CallerIdentity(true, Header(request, "x-greentic-user"), Header(request, "x-greentic-session"));
    }

    private static string? Header(IHttpRequestFeature request, string name) =>
        request.Headers[name] is [{ Length: > 0 } value] ? value : null;

    private static partial class Log
    {
        [LoggerMessage(4601, LogLevel.Error, "No revision of deployment {Deployment} can be drawn: every weight is 0")]
        public static partial void DispatchFailed(ILogger logger, DeploymentId deployment);

        [LoggerMessage(4602, LogLevel.Warning, "Revision {Revision} could not choose a flow: {Reason}")]
        public static partial void FlowFailed(ILogger logger, RevisionId revision, string reason);
    }
}
