using System.Collections.Concurrent;
using System.Globalization;
using Gtc.Model;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Gtc.Store.Server;

/// <summary>
/// Tells who waits on this replica of the commits of all. Its own commits it knows; it tells the others of them by NOTIFY after they stand, many at once, since NOTIFY within a commit would
/// make commits of all environments wait for each other. What is not heard, as one that was committed by a replica that died at once, is found by one query for all that are watched.
/// </summary>
internal sealed partial class PostgresWatch : IAsyncDisposable
{
    private const string Channel = "gtc_store";

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(500);

    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<EnvId, GenerationSignal> _signals = new();
    private readonly ConcurrentDictionary<EnvId, WatchedGeneration> _untold = new();
    private readonly SemaphoreSlim _hasUntold = new(0, 1);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _work;

    public PostgresWatch(NpgsqlDataSource source, TimeProvider time, ILogger logger)
    {
        (_source, _time, _logger) = (source, time, logger);
        _work = Task.WhenAll(GoOnAsync(ListenAsync), GoOnAsync(LookAsync), GoOnAsync(TellAsync));
    }

    /// <summary>A change of this replica stands.</summary>
    public void Publish(EnvId environment, WatchedGeneration generation)
    {
        Signal(environment).Publish(generation, isOrdered: true);
        _untold.AddOrUpdate(environment, generation, (_, before) => before.Generation > generation.Generation ? before : generation);
        try
        {
            _hasUntold.Release();
        }
        catch (SemaphoreFullException)
        {
            // Whoever tells has not begun with the ones before.
        }
    }

    /// <summary>Waits for a generation after the given one.</summary>
    public Task<WatchedGeneration> WaitAsync(EnvId environment, ulong after, CancellationToken cancellationToken) => Signal(environment).WaitAsync(after, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _work;
        _end.Dispose();
        _hasUntold.Dispose();
    }

    private GenerationSignal Signal(EnvId environment) => _signals.GetOrAdd(environment, _ => new GenerationSignal());

    /// <summary>The database may be gone for a while; who waits is told when it is back.</summary>
    private async Task GoOnAsync(Func<CancellationToken, Task> work)
    {
        await Task.Yield();
        var stop = _end.Token;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await work(stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (error is NpgsqlException or IOException or TimeoutException or OperationCanceledException)
            {
                Log.CutOff(_logger, error.Message);
                await Task.Delay(LookAgain, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ListenAsync(CancellationToken stop)
    {
        await using var connection = await _source.OpenConnectionAsync(stop);
        connection.Notification += (_, told) => Hear(told.Payload);
        await using (var listen = connection.Command($"LISTEN {Channel}"))
        {
            await listen.ExecuteNonQueryAsync(stop);
        }

        while (true)
        {
            await connection.WaitAsync(stop);
        }
    }

    private void Hear(string payload)
    {
        if (payload.Split(' ') is [var id, var number, var etag] && EnvId.TryParse(id, out var environment) && ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var generation))
        {
            Signal(environment).Publish(new WatchedGeneration(generation, etag), isOrdered: true);
        }
    }

    private async Task TellAsync(CancellationToken stop)
    {
        while (true)
        {
            await _hasUntold.WaitAsync(stop);
            var payloads = new List<string>();
            foreach (var environment in _untold.Keys)
            {
                if (_untold.TryRemove(environment, out var generation))
                {
                    payloads.Add(string.Create(CultureInfo.InvariantCulture, $"{environment} {generation.Generation} {generation.Etag}"));
                }
            }

            await using var connection = await _source.OpenConnectionAsync(stop);
            await using var tell = connection.Command($"SELECT count(pg_notify('{Channel}', payload)) FROM unnest($1) payload", Sql.Texts([.. payloads]));
            await tell.ExecuteNonQueryAsync(stop);
        }
    }

    private async Task LookAsync(CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(LookAgain, _time, stop);
            var watched = _signals.Where(pair => pair.Value.IsWatched).Select(pair => pair.Key.ToString()).ToArray();
            if (watched.Length == 0)
            {
                continue;
            }

            await using var connection = await _source.OpenConnectionAsync(stop);
            await using var look = connection.Command("SELECT env_id, generation, etag FROM gtc_store.environments WHERE env_id = ANY($1)", Sql.Texts(watched));
            await using var reader = await look.ExecuteReaderAsync(stop);
            while (await reader.ReadAsync(stop))
            {
                if (EnvId.TryParse(reader.GetString(0), out var environment))
                {
                    Signal(environment).Publish(new WatchedGeneration(reader.ReadNumber(1), reader.GetString(2)), isOrdered: true);
                }
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5081, LogLevel.Warning, "Changes of other replicas are not heard for the moment: {Why}")]
        public static partial void CutOff(ILogger logger, string why);
    }
}
