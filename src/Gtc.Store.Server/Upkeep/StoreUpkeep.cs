using Gtc.Model;
using Microsoft.Extensions.Logging;

namespace Gtc.Store.Server;

/// <summary>What a server does beside answering: it looks for damage, and keeps what grows within bounds.</summary>
internal sealed partial class StoreUpkeep : IAsyncDisposable
{
    private readonly AuditRetention _audit;
    private readonly HistoryRetention _history;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<CancellationToken, Task>[] _works;
    private Task _running = Task.CompletedTask;

    /// <summary>Makes it; nothing is done yet.</summary>
    public StoreUpkeep(StoreServerOptions options, ServerMeter meter, ILogger logger)
    {
        _logger = logger;
        _audit = new AuditRetention(options, logger);
        _history = new HistoryRetention(options, logger);
        _works = [new BackgroundScrub(options, meter, logger).RunAsync, _history.RunAsync, new ArtifactRetention(options, logger).RunAsync];
    }

    /// <summary>Begins.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _audit.StartAsync(cancellationToken);
        _running = Task.WhenAll(_works.Select(work => Task.Run(() => GuardAsync(work))));
    }

    /// <summary>A change was committed.</summary>
    public Task CommittedAsync(EnvId environment, ulong generation)
    {
        _history.Committed(environment, generation);
        return _audit.CommittedAsync(environment);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task GuardAsync(Func<CancellationToken, Task> work)
    {
        try
        {
            await work(_stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The server stops.
        }
        catch (Exception error)
        {
            // A fault here must be seen and must not end the server.
            Log.Fault(_logger, error);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5063, LogLevel.Error, "Work in the background ended in a fault, and is not done any more until the server starts again")]
        public static partial void Fault(ILogger logger, Exception error);
    }
}
