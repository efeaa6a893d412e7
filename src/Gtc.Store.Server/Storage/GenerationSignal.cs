namespace Gtc.Store.Server;

/// <summary>Tells who waits for the next generation of one environment.</summary>
internal sealed class GenerationSignal
{
    private readonly Lock _gate = new();
    private TaskCompletionSource<WatchedGeneration> _next = NewSignal();
    private WatchedGeneration? _published;
    private int _waiting;

    /// <summary>Whether anybody waits.</summary>
    public bool IsWatched => Volatile.Read(ref _waiting) > 0;

    /// <summary>There is a generation.</summary>
    /// <param name="generation">The generation.</param>
    /// <param name="isOrdered">Whether a lower number than the last one is an older one. In files it is not: an environment that <c>gtc op</c> destroyed and made again begins at 1.</param>
    public void Publish(WatchedGeneration generation, bool isOrdered)
    {
        TaskCompletionSource<WatchedGeneration> signal;
        lock (_gate)
        {
            if (generation == _published || (isOrdered && _published?.Generation >= generation.Generation))
            {
                return;
            }

            _published = generation;
            (signal, _next) = (_next, NewSignal());
        }

        signal.TrySetResult(generation);
    }

    /// <summary>Waits for a generation after the given one.</summary>
    public async Task<WatchedGeneration> WaitAsync(ulong after, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            while (true)
            {
                Task<WatchedGeneration> next;
                lock (_gate)
                {
                    if (_published is { } published && published.Generation > after)
                    {
                        return published;
                    }

                    next = _next.Task;
                }

                await next.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private static TaskCompletionSource<WatchedGeneration> NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
