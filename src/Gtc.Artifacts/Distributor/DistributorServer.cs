using System.Net.Sockets;
using Gtc.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gtc.Artifacts.Distributor;

/// <summary>
/// Serves a folder's files read-only over plain HTTP, the simplest place a bundle can be pulled from: resumable (one range per request, a
/// request for several gets the whole file), with the SHA-256 digest as strong entity tag and as <c>Repr-Digest</c> (RFC 9530).
/// <c>GET /</c> lists <c>{"files":[{"path","size","digest"}]}</c>.
/// </summary>
public sealed class DistributorServer : IAsyncDisposable
{
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(3);

    private readonly WebApplication _application;
    private readonly DigestCache _digests;
    private readonly TimeProvider _time;

    private DistributorServer(WebApplication application, DigestCache digests, TimeProvider time, Uri address) =>
        (_application, _digests, _time, Address) = (application, digests, time, address);

    /// <summary>Where it listens, e.g. <c>http://127.0.0.1:41873/</c>.</summary>
    public Uri Address { get; }

    internal int ComputedDigests => _digests.Computed;

    /// <summary>Starts serving.</summary>
    /// <param name="options">What, and where.</param>
    /// <param name="cancellationToken">Gives up starting; a running server is stopped by disposing it.</param>
    /// <returns>
    /// The running server; or <see cref="Refusal.Missing"/> without the folder, <see cref="Refusal.Conflict"/> when the port is taken,
    /// <see cref="Refusal.InvalidArgument"/> when the address is not this machine's or may not be listened on.
    /// </returns>
    public static async Task<Outcome<DistributorServer>> StartAsync(DistributorOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (ServedFolder.At(options.Folder) is not { } folder)
        {
            return new Refusal.Missing($"there is no folder {options.Folder} to serve");
        }

        var digests = new DigestCache(options.MaxCachedDigests, options.Time);
        var application = Build(options);
        var endpoint = new FolderEndpoint(folder, digests, options, options.LoggerFactory.CreateLogger<DistributorServer>());
        application.Run(endpoint.HandleAsync);
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            await application.DisposeAsync();
            digests.Dispose();
            var place = $"{options.Address}:{options.Port}";
            return exception.InnerException is AddressInUseException
                ? new Refusal.Conflict($"{place} is taken by another process") { Next = $"ss -ltnp sport = :{options.Port}" }
                : new Refusal.InvalidArgument($"{place} cannot be listened on: {exception.Message}");
        }

        var addresses = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        return new DistributorServer(application, digests, options.Time, new Uri(addresses.Addresses.Single()));
    }

    /// <summary>Stops listening, lets running answers end for a few seconds, and frees the port.</summary>
    public async ValueTask DisposeAsync()
    {
        using var deadline = new CancellationTokenSource(Farewell, _time);
        await _application.StopAsync(deadline.Token);
        await _application.DisposeAsync();
        _digests.Dispose();
    }

    private static WebApplication Build(DistributorOptions options)
    {
        // The empty builder reads no configuration: neither files nor variables of the surroundings change what is served.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(options.LoggerFactory);
        builder.Services.AddLogging();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.MaxConcurrentConnections = 1024;
            kestrel.Listen(options.Address, options.Port);
        });
        return builder.Build();
    }
}
