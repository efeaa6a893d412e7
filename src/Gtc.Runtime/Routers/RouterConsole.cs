using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Gtc.Model;
using Gtc.Proxy;
using Gtc.Routing;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gtc.Runtime;

/// <summary>
/// What a router answers to people and programs on its machine: <c>/chat</c>, and <c>/workers/invoke</c>, which goes to the revision of its conversation. Who is
/// asked stands in the body, which the router's own data path never reads, so such requests take a way round: through this server, which listens to this
/// machine alone, on a port that nobody is told.
/// </summary>
internal sealed partial class RouterConsole : IHttpApplication<IFeatureCollection>, IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan VouchedFor = TimeSpan.FromMinutes(1);

    private readonly WorkerOptions _options;
    private readonly Func<RoutingTable> _table;
    private readonly Dispatcher _dispatcher;
    private readonly RevisionHeaderToken? _localCallers;
    private readonly ILogger _logger;
    private readonly ChatConsole _page;
    private readonly KestrelServer _server;
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false }) { Timeout = Patience };

    private RouterConsole(WorkerOptions options, PinCookies keyed, Func<EnvironmentDocument> document, Func<RoutingTable> table, ILogger logger)
    {
        _options = options;
        _table = table;
        _dispatcher = new Dispatcher(keyed.Cookie);
        _localCallers = keyed.LocalCallers;
        _logger = logger;
        _page = new ChatConsole(document, table, options);
        var kestrel = new KestrelServerOptions { AddServerHeader = false };
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            Bound = () => listen.IPEndPoint!;
        });
        _server = new KestrelServer(Options.Create(kestrel), new SocketTransportFactory(Options.Create(new SocketTransportOptions()), options.Logging), options.Logging);
    }

    private Func<IPEndPoint> Bound { get; set; } = null!;

    /// <summary>Where it listens.</summary>
    public Backend Backend { get; private set; } = null!;

    /// <summary>
    /// Starts it; null where no peer is believed because it is on this machine, and in a cluster whose workers have no key by which they would believe a router.
    /// </summary>
    public static async Task<RouterConsole?> StartAsync(
        WorkerOptions options, PinCookies keyed, Func<EnvironmentDocument> document, Func<RoutingTable> table, ILogger logger, CancellationToken cancellationToken)
    {
        if (!options.TrustsLoopback || (options.IsInCluster && keyed.LocalCallers is null))
        {
            return null;
        }

        var console = new RouterConsole(options, keyed, document, table, logger);
        await console._server.StartAsync(console, cancellationToken);
        console.Backend = new Backend("console", console.Bound());
        return console;
    }

    /// <summary>Whether a request is for it.</summary>
    public bool Takes(in RequestView request, string path) =>
        request.Peer.IsLoopback && (path == WorkerInvoke.Path || (_page.IsOn && path is ChatConsole.Path or ChatConsole.CardsPath));

    public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

    public void DisposeContext(IFeatureCollection context, Exception? exception)
    {
    }

    public Task ProcessRequestAsync(IFeatureCollection context) =>
        context.GetRequiredFeature<IHttpRequestFeature>().Path == WorkerInvoke.Path ? InvokeAsync(context) : _page.Serve(context) ?? Answer.TextAsync(context, 404, "not found");

    public async ValueTask DisposeAsync()
    {
        using var drained = new CancellationTokenSource(_options.DrainTime, _options.Time);
        await _server.StopAsync(drained.Token);
        _server.Dispose();
        _client.Dispose();
    }

    private async Task InvokeAsync(IFeatureCollection context)
    {
        var started = Stopwatch.GetTimestamp();
        var request = new IngressRequest(context, _options);
        if (await WorkerInvoke.AcceptAsync(context, request.Identity.IsTrusted) is not var (asked, body))
        {
            return;
        }

        if (RevisionDesk.Find(_table(), asked.Tenant) is not { } route)
        {
            await Answer.TextAsync(context, RevisionDesk.NoTenant.Status, RevisionDesk.NoTenant.Text);
        }
        else if (Choose(route, WorkerInvoke.KeyOf(request.FieldKey, asked)) is not { } state)
        {
            await Answer.TextAsync(context, RevisionDesk.NobodyLeft.Status, RevisionDesk.NobodyLeft.Text);
        }
        else
        {
            var (status, length) = await ForwardAsync(context, state.Backend!, body);
            state.Meter.Add(status, true, Stopwatch.GetTimestamp() - started, body.Length, length);
        }
    }

    /// <summary>The revision of a conversation: the same for the same key, as long as the shares stay.</summary>
    private RevisionState? Choose(DeploymentRoute route, byte[] key) =>
        _dispatcher.Choose(route, new Caller { Key = key }, _options.Random(), _options.Time.GetUtcNow()) is { Revision.State: { Backend: not null } state } ? state : null;

    private async Task<(int Status, long Length)> ForwardAsync(IFeatureCollection context, Backend worker, ReadOnlyMemory<byte> body)
    {
        var aborted = context.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted;
        using var asked = new HttpRequestMessage(HttpMethod.Post, $"http://{worker.EndPoint}{WorkerInvoke.Path}") { Content = new ReadOnlyMemoryContent(body) };
        asked.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (_localCallers is not null)
        {
            asked.Headers.Add(RevisionHeaderToken.LocalCallerField, _localCallers.Write(default, _options.Time.GetUtcNow() + VouchedFor));
        }

        try
        {
            using var answer = await _client.SendAsync(asked, aborted);
            var content = await answer.Content.ReadAsByteArrayAsync(aborted);
            await Answer.WriteAsync(context, (int)answer.StatusCode, answer.Content.Headers.ContentType?.ToString() ?? "application/octet-stream", content);
            return ((int)answer.StatusCode, content.Length);
        }
        catch (Exception error) when (error is HttpRequestException or SocketException)
        {
            Log.NotAnswered(_logger, worker.Name, error.Message);
            await Answer.TextAsync(context, 502, "the worker of the chosen revision did not answer");
            return (502, 0);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5026, LogLevel.Warning, "The worker of revision {Revision} did not answer a program on this machine: {Reason}")]
        public static partial void NotAnswered(ILogger logger, string revision, string reason);
    }
}
