using Gtc.Model;
using Microsoft.Extensions.Logging;

namespace Gtc.Store.Server;

/// <summary>What a server does beside answering: it looks for damage, and keeps what grows within bounds.</summary>
internal sealed partial class StoreUpkeep : IAsyncDisposable
{
    /// <summary>How long work rests that ended in a fault.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromMinutes(1);

    private readonly AuditRetention _audit;
    private readonly HistoryRetention _history;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<CancellationToken, Task>[] _works;
    private Task _running = Task.CompletedTask;

    /// <summary>Makes it; nothing is done yet.</summary>
    public StoreUpkeep(StoreServerOptions options, ServerMeter meter, ILogger logger)
    {
        (_logger, _time) = (logger, options.Time);
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

    /// <summary>A fault here must be seen. It neither ends the server nor this work: what is to be done stays to be done.</summary>
    private async Task GuardAsync(Func<CancellationToken, Task> work)
    {
        try
        {
            while (await TryAsync(work))
            {
                await Task.Delay(Again, _time, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    /// <returns>Whether it ended in a fault.</returns>
    private async Task<bool> TryAsync(Func<CancellationToken, Task> work)
    {
        try
        {
            await work(_stop.Token);
            return false;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception error)
        {
            Log.Fault(_logger, error);
            return true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5063, LogLevel.Error, "Work in the background ended in a fault, and begins again in a minute")]
        public static partial void Fault(ILogger logger, Exception error);
    }
}
