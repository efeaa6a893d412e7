using System.Net;
using System.Net.Sockets;
using Gtc.Model;
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
    private readonly Activation _activation;

    private WorkerHost(WorkerOptions options, ILogger logger, KestrelServer server, Activation activation, IPEndPoint address)
    {
        _options = options;
        _logger = logger;
        _server = server;
        _activation = activation;
        Address = address;
    }

    /// <summary>Where it listens, the real port included.</summary>
    public IPEndPoint Address { get; }

    /// <summary>Boots and starts to listen. Listening implies that activation succeeded.</summary>
    /// <returns>The running worker; or why it does not run.</returns>
    public static async Task<Outcome<WorkerHost>> StartAsync(WorkerOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var logger = options.Logging.CreateLogger("Gtc.Runtime");
        StopRequest.Clear(options.EnvironmentFolder);
        if (!(await new BootSeam(options, logger).RunAsync(cancellationToken)).TryGet(out var booted, out var refusal))
        {
            return refusal;
        }

        var wanted = ListenAddress.Resolve(booted.Document.HostConfig.ListenAddr, options.Variable);
        foreach (var warning in wanted.Warnings)
        {
            Log.BadAddress(logger, warning);
        }

        var serving = new Serving(booted.Document, booted.Activation, booted.Problems);
        var application = new WorkerApplication(serving, options.Draw, logger);
        var listening = await ListenAsync(wanted.EndPoint, application, options, cancellationToken);
        if (!listening.TryGet(out var started, out refusal))
        {
            booted.Activation.Dispose();
            return refusal;
        }

        var (server, address) = started;
        serving.ListenAddress = address.ToString();
        if (wanted.EndPoint.Port != 0 && address.Port != wanted.EndPoint.Port)
        {
            await options.Banners.WriteLineAsync($"requested port {wanted.EndPoint.Port} is in use; using port {address.Port} instead");
        }

        await options.Banners.WriteLineAsync(Banner(options.Environment, booted.Activation, address));
        await options.Banners.FlushAsync(cancellationToken);
        Log.Listening(logger, address);
        return new WorkerHost(options, logger, server, booted.Activation, address);
    }

    /// <summary>Waits until it is told to stop: by the token, or by a stop request in the environment's folder.</summary>
    public async Task WaitForStopAsync(CancellationToken stop)
    {
        if (await StopRequest.WaitAsync(_options.EnvironmentFolder, _options.Time, stop))
        {
            await _options.Banners.WriteLineAsync("stop requested via `gtc stop`; shutting down.");
            await _options.Banners.FlushAsync(CancellationToken.None);
        }
    }

    /// <summary>Takes no new connections, lets running requests end within the drain time, then cuts them.</summary>
    public async ValueTask DisposeAsync()
    {
        using var drained = new CancellationTokenSource(_options.DrainTime, _options.Time);
        await _server.StopAsync(drained.Token);
        _server.Dispose();
        _activation.Dispose();
        Log.Stopped(_logger, drained.IsCancellationRequested);
    }

    private static string Banner(EnvId environment, Activation activation, IPEndPoint address)
    {
        var text = activation.RevisionCount == 0
            ? $"no bundles attached to env `{environment}` — serving probes only on http://{address} (attach a bundle with `gtc op bundles add`)"
            : $"serving {activation.RevisionCount} revision(s) for env `{environment}` across {activation.Table.Routes.Length} deployment(s) on http://{address}";
        return $"\n{text}. Press Ctrl+C to stop.";
    }

    private static async Task<Outcome<(KestrelServer Server, IPEndPoint Address)>> ListenAsync(
        IPEndPoint wanted, WorkerApplication application, WorkerOptions options, CancellationToken cancellationToken)
    {
        var attempts = wanted.Port == 0 ? 0 : ListenAddress.BumpAttempts;
        for (var bump = 0; ; bump++)
        {
            var candidate = new IPEndPoint(wanted.Address, wanted.Port + bump);
            var (server, listener) = Create(candidate, options.Logging);
            try
            {
                await server.StartAsync(application, cancellationToken);
                return (server, listener.IPEndPoint!);
            }
            catch (IOException error) when (error.InnerException is AddressInUseException)
            {
                server.Dispose();
                if (bump == attempts || candidate.Port == IPEndPoint.MaxPort)
                {
                    return new Refusal.Conflict($"ports {wanted.Port} to {candidate.Port} on {wanted.Address} are all in use")
                    {
                        Next = "PORT=0 gtc start   takes any free port",
                    };
                }
            }
            catch (SocketException error)
            {
                server.Dispose();
                return new Refusal.FileFailed($"{candidate} cannot be listened on: {error.Message}");
            }
        }
    }

    private static (KestrelServer Server, ListenOptions Listener) Create(IPEndPoint address, ILoggerFactory logging)
    {
        ListenOptions? listener = null;
        var kestrel = new KestrelServerOptions { AddServerHeader = false };

        // Bodies are bounded by the application, which answers with the specification's text.
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Listen(address, options =>
        {
            options.Protocols = HttpProtocols.Http1;
            listener = options;
        });
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), logging);
        return (new KestrelServer(Options.Create(kestrel), transport, logging), listener!);
    }

    private static partial class Log
    {
        [LoggerMessage(4001, LogLevel.Information, "revision ingress listening on http://{Address}")]
        public static partial void Listening(ILogger logger, IPEndPoint address);

        [LoggerMessage(4002, LogLevel.Warning, "{Warning}")]
        public static partial void BadAddress(ILogger logger, string warning);

        [LoggerMessage(4003, LogLevel.Information, "Stopped; requests were cut: {WereCut}")]
        public static partial void Stopped(ILogger logger, bool wereCut);
    }
}
