using System.Net;
using System.Net.Sockets;
using Gtc.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gtc.Store.Server;

/// <summary>The store server while it runs.</summary>
public sealed partial class StoreServer : IAsyncDisposable
{
    /// <summary>How long requests under way get when the server stops.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(10);

    private readonly WebApplication _application;
    private readonly StoreServerOptions _options;

    private readonly AccessGate _gate;
    private readonly TlsDoor? _door;
    private readonly StoreUpkeep _upkeep;
    private readonly KnownUsage _usage;

    private StoreServer(WebApplication application, StoreServerOptions options, AccessGate gate, TlsDoor? door, StoreUpkeep upkeep, KnownUsage usage, Uri address) =>
        (_application, _options, _gate, _door, _upkeep, _usage, Address) = (application, options, gate, door, upkeep, usage, address);

    /// <summary>Where it listens, e.g. <c>https://127.0.0.1:8787/</c>.</summary>
    public Uri Address { get; }

    /// <summary>Starts serving. Whether it starts or not, the storage is the server's to dispose from here.</summary>
    /// <param name="options">What, and where.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <returns>The server; or why it does not start: the access file or those of TLS cannot be taken, the network would be open to everybody, the address is taken.</returns>
    public static async Task<Outcome<StoreServer>> StartAsync(StoreServerOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var logger = options.LoggerFactory.CreateLogger("Gtc.Store.Server");
        var meter = new ServerMeter();
        TlsDoor? door = null;
        if (!AccessGate.Open(options, meter, logger).TryGet(out var gate, out var refusal)
            || (options.Tls is { } files && !TlsDoor.Open(files, meter, logger).TryGet(out door, out refusal)))
        {
            return await AbandonAsync(options, gate, door, refusal);
        }

        if (door is not null)
        {
            (gate.Judge, door.Changed) = (door.Judge, gate.Recheck);
        }

        if (MayListen(options, gate, logger) is { } open)
        {
            return await AbandonAsync(options, gate, door, open);
        }

        var application = Build(options, door);
        var upkeep = new StoreUpkeep(options, meter, logger);
        var dispatcher = new Dispatcher(options, gate, new Denials(options.Storage, logger), upkeep, meter, logger, application.Lifetime.ApplicationStopping);
        application.Use(dispatcher.GuardAsync);
        foreach (var route in StoreContract.Routes)
        {
            application.MapMethods(route.Path, [route.Method], context => dispatcher.HandleAsync(context, route));
        }

        var usage = new KnownUsage(options.Storage.Artifacts, options.Time);
        MapAboutItself(application, options, meter, usage);
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            await application.DisposeAsync();
            return await AbandonAsync(options, gate, door, exception.InnerException is AddressInUseException
                ? new Refusal.Conflict($"{options.Listen} is taken by another process") { Next = $"ss -ltnp sport = :{options.Listen.Port}" }
                : new Refusal.InvalidArgument($"{options.Listen} cannot be listened on: {exception.Message}"));
        }

        var addresses = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        await upkeep.StartAsync(cancellationToken);

        // The first scrape finds it counted.
        usage.Ask();
        return new StoreServer(application, options, gate, door, upkeep, usage, new Uri(addresses.Addresses.Single()));
    }

    /// <summary>Looks at once whether the access file or those of TLS changed, which is done every second in any case.</summary>
    public void LookAgain()
    {
        _gate.LookAgain();
        _door?.LookAgain();
    }

    /// <summary>Stops listening, ends watches, lets requests under way end, and closes the storage.</summary>
    public async ValueTask DisposeAsync()
    {
        using var deadline = new CancellationTokenSource(Farewell, _options.Time);
        await _application.StopAsync(deadline.Token);
        await _application.DisposeAsync();
        await _gate.DisposeAsync();
        await (_door?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _upkeep.DisposeAsync();
        await _usage.DisposeAsync();
        await _options.Storage.DisposeAsync();
    }

    private static async Task<Refusal> AbandonAsync(StoreServerOptions options, AccessGate? gate, TlsDoor? door, Refusal why)
    {
        await (gate?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (door?.DisposeAsync() ?? ValueTask.CompletedTask);
        await options.Storage.DisposeAsync();
        return why;
    }

    /// <summary>Nobody is let in from the network by accident.</summary>
    private static Refusal.InvalidArgument? MayListen(StoreServerOptions options, AccessGate gate, ILogger logger)
    {
        if (IPAddress.IsLoopback(options.Listen.Address))
        {
            return null;
        }

        if (gate.IsEnforcing)
        {
            if (options.Tls is null)
            {
                Log.Cleartext(logger, options.Listen);
            }

            return null;
        }

        if (!options.AllowsOpenNetwork)
        {
            return new Refusal.InvalidArgument($"{options.Listen} is not loopback, and without tokens whoever reaches it could change everything")
            {
                Next = "gtc store serve --listen 0.0.0.0:8787 --rbac-tokens tokens.json",
            };
        }

        Log.OpenNetwork(logger, options.Listen);
        return null;
    }

    private static WebApplication Build(StoreServerOptions options, TlsDoor? door)
    {
        // The empty builder reads no configuration: neither files nor variables of the surroundings change what is served.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(options.LoggerFactory);
        builder.Services.AddLogging();
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
            kestrel.Limits.MaxRequestLineSize = 8 << 10;
            kestrel.Limits.MaxRequestHeadersTotalSize = 16 << 10;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.MaxConcurrentConnections = 16 << 10;
            kestrel.Listen(options.Listen, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                if (door is not null)
                {
                    listen.Use(HangUpOnStrangers);
                    listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(door.Options()) });
                }
            });
        });
        return builder.Build();
    }

    /// <summary>
    /// A peer that begins with anything but a greeting, as an alert, never comes to where the certificate is chosen. The framework says then that there is none,
    /// and would log a fault of the server for it.
    /// </summary>
    private static ConnectionDelegate HangUpOnStrangers(ConnectionDelegate next) => async connection =>
    {
        try
        {
            await next(connection);
        }
        catch (NotSupportedException)
        {
            connection.Abort();
        }
    };

    private static void MapAboutItself(WebApplication application, StoreServerOptions options, ServerMeter meter, KnownUsage usage)
    {
        application.MapMethods("/healthz", ["GET"], context => Dispatcher.WriteAsync(context, Reply.Object(200, writer =>
        {
            writer.WriteString("status", "ok");
            writer.WriteString("service", "gtc-store");
            writer.WriteString("version", options.Version);
        })));
        application.MapMethods("/readyz", ["GET"], async context =>
        {
            var why = application.Lifetime.ApplicationStopping.IsCancellationRequested ? "the server stops" : (await options.Storage.ProbeAsync(context.RequestAborted))?.Message;
            await Dispatcher.WriteAsync(context, Reply.Object(why is null ? 200 : 503, writer =>
            {
                writer.WriteString("status", why is null ? "ready" : "unready");
                if (why is not null)
                {
                    writer.WriteString("error", why);
                }
            }));
        });
        application.MapMethods("/metrics", ["GET"], async context =>
        {
            context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
            await context.Response.WriteAsync(meter.ToText(usage.Ask()), context.RequestAborted);
        });
        application.MapMethods("/openapi.json", ["GET"], context => Dispatcher.WriteAsync(context, Reply.Json(200, OpenApiDocument.Write)));
    }

    /// <summary>The process's own signals are its owner's; this server is stopped by disposing it.</summary>
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(5051, LogLevel.Warning, "Tokens travel in clear text to {Listen}: give --tls-cert and --tls-key, or put something that speaks TLS in front")]
        public static partial void Cleartext(ILogger logger, IPEndPoint listen);

        [LoggerMessage(5052, LogLevel.Warning, "Whoever reaches {Listen} may change everything: there are no tokens")]
        public static partial void OpenNetwork(ILogger logger, IPEndPoint listen);
    }
}
