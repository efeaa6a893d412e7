namespace Gtc.Store.Server;

/// <summary>
/// How much is kept of artifacts, as it was counted last. Whoever asks waits for nothing, and however often it is asked, it is counted now and then only: counting takes a query or a walk through
/// a folder, and when the database is away the numbers of the server are wanted most.
/// </summary>
internal sealed class KnownUsage(IArtifactStorage artifacts, TimeProvider time) : IAsyncDisposable
{
    /// <summary>How long a count is good for.</summary>
    public static readonly TimeSpan Lasts = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private Task _counting = Task.CompletedTask;
    private long? _begunAt;
    private ArtifactUsage? _last;

    /// <summary>What was counted last, and begins to count anew when that is long ago; null until it is known, and where it could not be counted.</summary>
    public ArtifactUsage? Ask()
    {
        lock (_gate)
        {
            if (_counting.IsCompleted && !_stop.IsCancellationRequested && (_begunAt is not { } begun || time.GetElapsedTime(begun) >= Lasts))
            {
                _begunAt = time.GetTimestamp();
                _counting = Task.Run(CountAsync);
            }
        }

        return Volatile.Read(ref _last);
    }

    public async ValueTask DisposeAsync()
    {
        Task counting;
        lock (_gate)
        {
            _stop.Cancel();
            counting = _counting;
        }

        await counting;
        _stop.Dispose();
    }

    private async Task CountAsync()
    {
        try
        {
            Volatile.Write(ref _last, (await artifacts.UsageAsync(_stop.Token)).Match(usage => usage, _ => (ArtifactUsage?)null));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The server ends.
        }
    }
}
