using System.Collections.Immutable;
using System.Net;
using System.Text;
using Gtc.Model;
using Gtc.Proxy;
using Gtc.Proxy.Http2;
using Gtc.Routing;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>
/// The router process (decision 14): it pulls nothing, forwards each request to the worker of its revision, and follows environment.json. Probes,
/// <c>/status</c> and <c>/metrics</c> it answers itself.
/// </summary>
public sealed partial class RouterHost : IAsyncDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromSeconds(1);

    private static readonly byte[] NotFromOutside =
        [.. "worker invoke is restricted to loopback callers: answer console_through_routers of the deployer, then kubectl port-forward service/gtc-router 8080 and call 127.0.0.1:8080"u8];

    private readonly WorkerOptions _options;
    private readonly RouterFiles _files;
    private readonly ILogger _logger;
    private readonly WorkerAddresses _addresses;
    private readonly RouterPolicy _policy;
    private readonly RouterTelemetry _telemetry;
    private readonly LeavingBackends _leaving;
    private readonly DrainsInPlace _drains;
    private readonly HealthChanges _health;
    private readonly CancellationTokenSource _stop = new();
    private ProxyServer _server = null!;
    private RouterConsole? _console;
    private Task _following = Task.CompletedTask;
    private volatile RouterView _view = null!;

    private RouterHost(WorkerOptions options, RouterFiles files, PinCookies cookies, ILogger logger)
    {
        _files = files;
        _options = options;
        _logger = logger;
        _addresses = new WorkerAddresses(options.WorkerAddress, logger);
        _leaving = new LeavingBackends(options.Time, logger);
        _drains = new DrainsInPlace(options.Time, logger);
        _health = new HealthChanges(logger);
        _policy = new RouterPolicy(new RouterSettings
        {
            Time = options.Time,
            Random = options.Random,
            Cookies = cookies.Cookie,
            HeaderTokens = cookies.HeaderTokens,
            CallerField = options.CallerField,
            GivesCallerCookie = true,
            BackendsShowRevision = true,
            Trusted = options.TrustedProxies,
            Own = Answer,
        });
        _telemetry = new RouterTelemetry(options.Environment.ToString(), () => _policy.Table);
    }

    /// <summary>Where it listens, the real port included.</summary>
    public IPEndPoint Address => _server.EndPoint;

    /// <summary>Reads the environment and begins to route.</summary>
    /// <returns>The running router; or why it does not run.</returns>
    public static async Task<Outcome<RouterHost>> StartAsync(WorkerOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var logger = options.Logging.CreateLogger("Gtc.Runtime");
        StopRequest.Clear(options.EnvironmentFolder);
        var files = new RouterFiles(options);
        var seen = files.Read();
        if (!(await files.LoadAsync(cancellationToken)).TryGet(out var loaded, out var refusal)
            || !PinCookies.Open(options).TryGet(out var cookies, out refusal))
        {
            return refusal;
        }

        var host = new RouterHost(options, files, cookies, logger);
        var document = loaded.Document;
        await host.TurnAsync(document, loaded.Config, cancellationToken);
        host._console = await RouterConsole.StartAsync(options, cookies, () => host._view.Document, () => host._policy.Table, logger, cancellationToken);
        try
        {
            var bounds = new ProxyOptions { Threads = Environment.ProcessorCount };
            host._server = ProxyServer.Start(ListenAddress.Resolve(document.HostConfig.ListenAddr, options.Variable).EndPoint, bounds, host._policy, new Http2Side(bounds, host._policy));
        }
        catch (IOException error)
        {
            host._telemetry.Dispose();
            await (host._console?.DisposeAsync() ?? ValueTask.CompletedTask);
            return new Refusal.Conflict(error.Message) { Next = "PORT=0 gtc start   takes any free port" };
        }

        host._following = Task.WhenAll(host.FollowAsync(seen), new HealthProbes("/healthz", ProbeEvery, options.Time).RunAsync(() => host._policy.Table, host._stop.Token));
        await options.Banners.WriteLineAsync($"\nrouting {document.TrafficSplits.Length} deployment(s) of env `{options.Environment}` on http://{host.Address}. Press Ctrl+C to stop.");
        await options.Banners.FlushAsync(cancellationToken);
        Log.Listening(logger, host.Address);
        return host;
    }

    /// <summary>Waits until it is told to stop: by the token, or by a stop request in the environment's folder.</summary>
    public Task WaitForStopAsync(CancellationToken stop) => StopRequest.WaitAsync(_options.EnvironmentFolder, _options.Time, stop);

    /// <summary>Takes no new connections, lets what is under way end within the drain time, then cuts it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _following;
        await _server.StopAsync(_options.DrainTime, CancellationToken.None);
        await (_console?.DisposeAsync() ?? ValueTask.CompletedTask);
        _telemetry.Dispose();
        _stop.Dispose();
    }

    private async Task FollowAsync(ServedFiles seen)
    {
        using var watch = new FolderWatch(_options.EnvironmentFolder, LookEvery, _options.Time, _logger);
        var resolveAt = _options.Time.GetUtcNow() + _options.HealthInterval;
        try
        {
            while (true)
            {
                await watch.WaitAsync(_stop.Token);
                Look();
                if (!_files.Read().Equals(seen))
                {
                    await Task.Delay(_options.Debounce, _options.Time, _stop.Token);
                    seen = _files.Read();
                    await ReloadAsync();
                }

                if (_options.Time.GetUtcNow() >= resolveAt || !_addresses.AreComplete)
                {
                    resolveAt = _options.Time.GetUtcNow() + _options.HealthInterval;
                    Forget(_view.Document, await _addresses.RefreshAsync(_stop.Token));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The router stops.
        }
    }

    private async Task ReloadAsync()
    {
        if (!(await _files.LoadAsync(_stop.Token)).TryGet(out var loaded, out var refusal))
        {
            _view = _view with { ReloadProblem = refusal.Message, FailedReloads = _view.FailedReloads + 1 };
            RevisionEvents.ReloadFailed(_logger, refusal.Message);
            return;
        }

        var before = _policy.Table;
        await TurnAsync(loaded.Document, loaded.Config, _stop.Token);
        RevisionEvents.Reloaded(_logger, before.Routes.Length, _policy.Table.Routes.Length, before.Routes.Sum(route => route.Revisions.Length), _policy.Table.Routes.Sum(route => route.Revisions.Length));
    }

    /// <summary>Routes by a document from now on. Names are looked up before the table is swapped, so that a new revision has its address.</summary>
    private async Task TurnAsync(EnvironmentDocument document, RuntimeConfig config, CancellationToken cancellationToken)
    {
        var now = _options.Time.GetUtcNow();
        var moved = await _addresses.WantAsync(config.Revisions.Select(block => block.RevisionId).Union(PreviewRoute.Seen(document, now)), cancellationToken);
        foreach (var block in config.Revisions)
        {
            _addresses.StateOf(block.RevisionId).IsDraining = document.Revisions.FirstOrDefault(revision => revision.RevisionId == block.RevisionId)?.Lifecycle == RevisionLifecycle.Draining;
        }

        ImmutableArray<DeploymentRoute> routes =
        [
            .. from blocks in config.Revisions.GroupBy(block => block.DeploymentId)
               join deployment in document.Bundles on blocks.Key equals deployment.DeploymentId
               where deployment.Status == DeploymentStatus.Active
               select DeploymentRoute.Of(document, deployment, blocks, _addresses.StateOf),
        ];
        _policy.Table = new RoutingTable(routes, PreviewRoute.Of(document, routes, _addresses.StateOf, now));
        Forget(_view?.Document ?? document, [.. moved, .. _addresses.Release()]);
        _view = new RouterView(document, (_view?.Reloads + 1) ?? 0, _view?.FailedReloads ?? 0, null);
    }

    /// <summary>Drains backends that nobody chooses any more.</summary>
    private void Forget(EnvironmentDocument document, IReadOnlyList<Backend> gone)
    {
        foreach (var backend in gone)
        {
            if (document.Revisions.FirstOrDefault(candidate => candidate.RevisionId.ToString() == backend.Name) is { } revision)
            {
                _ = _leaving.LeaveAsync(backend, revision, _server, _stop.Token);
            }
            else
            {
                // Nothing is known of it any more, its drain time neither.
                _server.Forget(backend);
                _server.CloseTunnels(backend);
            }
        }
    }

    /// <summary>What drains in its place keeps its callers, and then its tunnels too, for its drain time.</summary>
    private void Look()
    {
        var document = _view.Document;
        _health.Check(_policy.Table);
        foreach (var state in _drains.Check(_policy.Table, id => document.Revisions.FirstOrDefault(revision => revision.RevisionId == id) is { } found ? TimeSpan.FromSeconds(found.DrainSeconds) : null))
        {
            if (state.Backend is { } backend)
            {
                _server.CloseTunnels(backend);
            }
        }
    }

    private bool Answer(in RequestView request, ref Choice choice)
    {
        if (request.Path is [] or not [(byte)'/', ..])
        {
            return false;
        }

        var path = Encoding.UTF8.GetString(request.Path[..Math.Min(request.Path.Length, 64)]);
        switch (path)
        {
            case ChatConsole.Path or ChatConsole.CardsPath or WorkerInvoke.Path when _console?.Takes(request, path) == true:
                choice.Backend = _console.Backend;
                return true;
            case WorkerInvoke.Path when _options.IsInCluster:
                choice.Reply(403, NotFromOutside);
                return true;
            case "/livez" or "/readyz" or "/healthz" or "/health":
                choice.Reply(200, Gtc.Runtime.Answer.Ok);
                return true;
            case "/status":
                choice.Reply(200, _view.Status(Address.ToString(), _policy.Table, _leaving.Rows, _addresses.Problems, StatusSource.Of(_options), _options.Time.GetUtcNow()).ToBytes());
                choice.ContentType = "application/json"u8.ToArray();
                return true;
            case "/metrics":
                choice.Reply(200, RouterMetrics.Of(_policy.Table, _view, _leaving.Rows.Length));
                choice.ContentType = PrometheusText.MediaType;
                return true;
            default:
                return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4005, LogLevel.Information, "revision router listening on http://{Address}")]
        public static partial void Listening(ILogger logger, IPEndPoint address);
    }
}
