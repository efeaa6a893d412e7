using System.Net;
using System.Net.Sockets;
using Gtc.Model;
using Gtc.Routing;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gtc.Runtime;

/// <summary>
/// The worker process: boot seam, listener, banner, stop. The server is Kestrel without a host around it; a worker needs neither
/// configuration files nor a service container, and starts in half the time.
/// </summary>
public sealed partial class WorkerHost : IAsyncDisposable
{
    private readonly WorkerOptions _options;
    private readonly ILogger _logger;
    private readonly KestrelServer _server;
    private readonly WorkerApplication _application;
    private readonly RevisionPool _pool;
    private readonly PinStore _pins;
    private readonly CancellationTokenSource _stop = new();
    private readonly UsageRecorder _usage;
    private readonly Task _following;
    private readonly Task _recording;
    private readonly Task _tunnelling;
    private readonly Task _registering;

    private WorkerHost(WorkerOptions options, ILogger logger, KestrelServer server, WorkerApplication application, LiveServing live, ServedFiles seen, IPEndPoint address)
    {
        _options = options;
        _logger = logger;
        _server = server;
        _application = application;
        _pool = live.Pool;
        _pins = live.Pins;
        Address = address;
        _usage = live.Usage;
        _recording = _usage.RunAsync(_stop.Token);
        _registering = RegisterAsync(live);
        _tunnelling = live.Tunnel?.RunAsync(address, () => live.Changed(), _stop.Token) ?? Task.CompletedTask;
        _following = new Reloader(options, live, logger).RunAsync(seen, _stop.Token);
    }

    /// <summary>Where it listens, the real port included.</summary>
    public IPEndPoint Address { get; }

    /// <summary>Boots and starts to listen. Listening implies that activation succeeded.</summary>
    /// <returns>The running worker; or why it does not run.</returns>
    public static async Task<Outcome<WorkerHost>> StartAsync(WorkerOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var warming = Task.Run(() => WarmUp.RunAsync(cancellationToken), CancellationToken.None);
        try
        {
            return await BootAsync(options, cancellationToken);
        }
        finally
        {
            await warming.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Waits until it is told to stop: by the token, or by a stop request in the environment's folder.</summary>
    public async Task WaitForStopAsync(CancellationToken stop)
    {
        if (_options.SharesFolder)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _options.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        if (await StopRequest.WaitAsync(_options.EnvironmentFolder, _options.Time, stop))
        {
            await _options.Banners.WriteLineAsync("stop requested via `gtc stop`; shutting down.");
            await _options.Banners.FlushAsync(CancellationToken.None);
        }
    }

    /// <summary>Takes no new connections, lets running requests end within the drain time, then cuts them.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _following;
        await _recording;
        await _tunnelling;
        using var drained = new CancellationTokenSource(_options.DrainTime, _options.Time);
        await _server.StopAsync(drained.Token);
        await _application.DisposeAsync();
        await _registering;
        _usage.Flush();
        _server.Dispose();
        _pool.Dispose();
        await _pool.Components.DisposeAsync();
        await _pins.DisposeAsync();
        _stop.Dispose();
        Log.Stopped(_logger, drained.IsCancellationRequested);
    }

    /// <summary>Providers are told where they reach this worker once it listens, and whenever that may have changed.</summary>
    private Task RegisterAsync(LiveServing live)
    {
        var registration = new WebhookRegistration(live, _options, _logger);
        live.Changed = registration.Ask;
        registration.Ask();
        return registration.RunAsync(_stop.Token);
    }

    private static async Task<Outcome<WorkerHost>> BootAsync(WorkerOptions options, CancellationToken cancellationToken)
    {
        var logger = options.Logging.CreateLogger("Gtc.Runtime");
        if (!options.SharesFolder)
        {
            StopRequest.Clear(options.EnvironmentFolder);
        }

        var gate = new TaskCompletionSource<IPEndPoint>(TaskCreationOptions.RunContinuationsAsynchronously);
        var application = new WorkerApplication(options, logger);
        var (server, transport) = CreateServer(gate.Task, options);
        var starting = Task.Run(() => server.StartAsync(application, CancellationToken.None), CancellationToken.None);
        var components = new WorkerComponents(options, logger);
        var pool = new RevisionPool(options.Time, components, logger);
        PinStore? pins = null;
        Refusal? refusal;
        try
        {
            // Read before the boot: what changes while it boots is seen as a change.
            var seen = ServedFiles.Read(options.Store.Files(options.Environment));
            await new TunnelRecord(options, logger).ForgetAsync(cancellationToken);
            if ((await new BootSeam(options, pool, logger).RunAsync(cancellationToken)).TryGet(out var booted, out refusal)
                && OpenPins(options, booted.Document).TryGet(out pins, out refusal))
            {
                var live = new LiveServing(
                    pool, new UsageRecorder(options, pool.Usage, logger), pins, () => transport.Bound?.ToString() ?? string.Empty, options.Time.GetUtcNow)
                {
                    AdminAddress = () => transport.SecondBound?.ToString(),
                    Source = () => StatusSource.Of(options),
                    Tunnel = options.TunnelBinary is { } binary ? new QuickTunnel(binary, options, logger) : null,
                };
                live.Swap(booted);
                refusal = await ServeAsync(options, application, live, gate, starting, logger);
                if (refusal is null)
                {
                    await AnnounceAsync(options, booted, await gate.Task, transport);
                    Log.Listening(logger, transport.Bound!);
                    if (transport.SecondBound is { } admin)
                    {
                        Log.AdminListening(logger, admin);
                    }

                    application.ResumeDeliveries();
                    return new WorkerHost(options, logger, server, application, live, seen, transport.Bound!);
                }
            }
        }
        catch (OperationCanceledException)
        {
            await AbandonAsync(gate, starting, server);
            await components.DisposeAsync();
            throw;
        }

        await application.DisposeAsync();
        pool.Dispose();
        await components.DisposeAsync();
        await (pins?.DisposeAsync() ?? ValueTask.CompletedTask);
        await AbandonAsync(gate, starting, server);
        return refusal;
    }

    /// <summary>A worker of one revision has nothing to choose and therefore nothing to pin.</summary>
    private static Outcome<PinStore> OpenPins(WorkerOptions options, EnvironmentDocument document) =>
        options.OpenPins is { } open && options.OwnRevision is null ? open(document) : PinStore.InMemory(options.Time);

    private static async Task<Refusal?> ServeAsync(
        WorkerOptions options, WorkerApplication application, LiveServing live, TaskCompletionSource<IPEndPoint> gate, Task starting, ILogger logger)
    {
        if (!PinCookies.Open(options).TryGet(out var cookies, out var refusal))
        {
            return refusal;
        }

        application.Serve(live, cookies);
        var wanted = Resolve(live.Current.Document, options, logger);
        gate.SetResult(wanted);
        return await OpenAsync(starting, wanted);
    }

    private static string Banner(EnvId environment, Activation activation, IPEndPoint address)
    {
        var text = activation.Revisions.Length == 0
            ? $"no bundles attached to env `{environment}` — serving probes only on http://{address} (attach a bundle with `gtc op bundles add`)"
            : $"serving {activation.Revisions.Length} revision(s) for env `{environment}` across {activation.Table.Routes.Length} deployment(s) on http://{address}";
        return $"\n{text}. Press Ctrl+C to stop.";
    }

    private static string? ConsoleBanner(WorkerOptions options, IPEndPoint bound, IPEndPoint? admin) =>
        admin is not null ? $"webchat console enabled on the loopback admin listener — open http://{admin}/chat (port-forward it on K8s); the public listener on http://{bound} serves provider webhooks only while a tunnel is up"
        : options.TrustsLoopback ? $"webchat console enabled — open http://{bound}/chat"
        : null;

    private static IPEndPoint Resolve(EnvironmentDocument document, WorkerOptions options, ILogger logger)
    {
        var resolved = ListenAddress.Resolve(document.HostConfig.ListenAddr, options.Variable);
        foreach (var warning in resolved.Warnings)
        {
            Log.BadAddress(logger, warning);
        }

        return resolved.EndPoint;
    }

    private static async Task<Refusal?> OpenAsync(Task starting, IPEndPoint wanted)
    {
        try
        {
            await starting;
            return null;
        }
        catch (IOException error) when (error.InnerException is AddressInUseException)
        {
            return new Refusal.Conflict($"port {wanted.Port} on {wanted.Address} and the {ListenAddress.BumpAttempts} after it are all in use")
            {
                Next = "PORT=0 gtc start   takes any free port",
            };
        }
        catch (SocketException error)
        {
            return new Refusal.FileFailed($"{wanted} cannot be listened on: {error.Message}");
        }
    }

    private static async Task AnnounceAsync(WorkerOptions options, Serving serving, IPEndPoint wanted, GatedTransport transport)
    {
        var bound = transport.Bound!;
        if (wanted.Port != 0 && bound.Port != wanted.Port)
        {
            await options.Banners.WriteLineAsync($"requested port {wanted.Port} is in use; using port {bound.Port} instead");
        }

        await options.Banners.WriteLineAsync(Banner(options.Environment, serving.Activation, bound));
        if (serving.Document.HostConfig.ResolveGuiEnabled() && ConsoleBanner(options, bound, transport.SecondBound) is { } console)
        {
            await options.Banners.WriteLineAsync(console);
        }

        await options.Banners.FlushAsync(CancellationToken.None);
    }

    private static async Task AbandonAsync(TaskCompletionSource<IPEndPoint> gate, Task starting, KestrelServer server)
    {
        gate.TrySetCanceled();
        await starting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        server.Dispose();
    }

    private static (KestrelServer Server, GatedTransport Transport) CreateServer(Task<IPEndPoint> gate, WorkerOptions options)
    {
        var kestrel = new KestrelServerOptions { AddServerHeader = false };

        // Bodies are bounded by the application, which answers with the specification's text.
        kestrel.Limits.MaxRequestBodySize = null;

        kestrel.Listen(GatedTransport.Main, listen => listen.Protocols = HttpProtocols.Http1);
        if (options.HasAdminListener)
        {
            kestrel.Listen(GatedTransport.Second, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(next => connection =>
                {
                    connection.Features.Set(AdminListener.Mark);
                    return next(connection);
                });
            });
        }

        var transport = new GatedTransport(new SocketTransportFactory(Options.Create(new SocketTransportOptions()), options.Logging), gate, options.SharesFolder ? 0 : ListenAddress.BumpAttempts);
        return (new KestrelServer(Options.Create(kestrel), transport, options.Logging), transport);
    }

    private static partial class Log
    {
        [LoggerMessage(4001, LogLevel.Information, "revision ingress listening on http://{Address}")]
        public static partial void Listening(ILogger logger, IPEndPoint address);

        [LoggerMessage(5010, LogLevel.Information, "revision ingress admin/console listening on http://{Address}")]
        public static partial void AdminListening(ILogger logger, IPEndPoint address);

        [LoggerMessage(4002, LogLevel.Warning, "{Warning}")]
        public static partial void BadAddress(ILogger logger, string warning);

        [LoggerMessage(4003, LogLevel.Information, "Stopped; requests were cut: {WereCut}")]
        public static partial void Stopped(ILogger logger, bool wereCut);
    }
}
