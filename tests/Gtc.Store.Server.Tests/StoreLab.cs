using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Gtc.Store.Server.Tests;

/// <summary>A server on a fresh storage. Each engine has a lab of its own; the suite is the same.</summary>
public abstract class StoreLab : IAsyncDisposable
{
    private readonly FaultLog _faults = new();
    private StoreServer? _server;

    public string Folder { get; } = Directory.CreateTempSubdirectory("gtc-store-server-").FullName;

    public string OperatorKeyPath => Path.Combine(Folder, "operator", "key.pem");

    public Uri Address => _server!.Address;

    /// <summary>The engine's clock.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Opens the engine; twice on the same place while the first one is not disposed is refused or shared, as the engine does.</summary>
    public abstract Task<IEnvironmentStorage> OpenAsync();

    /// <summary>Starts a server, and gives a client of it.</summary>
    public async Task<StoreClient> StartAsync(Func<StoreServerOptions, StoreServerOptions>? with = null)
    {
        var options = new StoreServerOptions
        {
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            Storage = await OpenAsync(),
            OperatorKey = new OperatorKeyFile(OperatorKeyPath, RandomNumberGenerator.Fill),
            CallerLimit = new RateLimit(1_000_000, 1_000_000),
            LoggerFactory = LoggerFactory.Create(logging => logging.AddProvider(_faults)),
        };
        _server = (await StoreServer.StartAsync(with is null ? options : with(options), TestContext.Current.CancellationToken)).Value;
        return new StoreClient(_server.Address);
    }

    public async Task StopAsync()
    {
        if (_server is { } running)
        {
            _server = null;
            await running.DisposeAsync();
        }
    }

    /// <summary>Takes away what the engine has elsewhere.</summary>
    protected virtual Task EndAsync() => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await EndAsync();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
        _faults.Faults.ShouldBeEmpty();
    }
}

/// <summary>The embedded engine.</summary>
public sealed class FileLab : StoreLab
{
    public string Data => Path.Combine(Folder, "data");

    public override Task<IEnvironmentStorage> OpenAsync() =>
        Task.FromResult<IEnvironmentStorage>(FileEnvironmentStorage.Open(Data, Time, RandomNumberGenerator.Fill, static _ => { }).Value);
}
