namespace Gtc.Store.Server;

/// <summary>
/// Tells who waits for the next generation of one environment. Changes of this process are published; those of others are found by one look
/// at a file for everybody, and only while somebody waits.
/// </summary>
/// <param name="path">The file that changes with the environment.</param>
/// <param name="newest">Reads the newest generation; null when there is none.</param>
/// <param name="time">Measures the interval.</param>
internal sealed class GenerationFeed(string path, Func<CancellationToken, Task<WatchedGeneration?>> newest, TimeProvider time)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private TaskCompletionSource<WatchedGeneration> _next = NewSignal();
    private Task _looking = Task.CompletedTask;
    private WatchedGeneration? _published;
    private int _waiting;

    /// <summary>A change was committed.</summary>
    public void Publish(WatchedGeneration generation)
    {
        TaskCompletionSource<WatchedGeneration> signal;
        lock (_gate)
        {
            // Not by order: an environment that was destroyed and made again begins at 1.
            if (generation == _published)
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
        Enter();
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

    private void Enter()
    {
        lock (_gate)
        {
            Interlocked.Increment(ref _waiting);
            if (_looking.IsCompleted)
            {
                _looking = LookAsync();
            }
        }
    }

    private async Task LookAsync()
    {
        await Task.Yield();
        (DateTime, long)? seen = null;
        while (true)
        {
            lock (_gate)
            {
                if (Volatile.Read(ref _waiting) == 0)
                {
                    // Ended under the gate: who enters next begins a new one.
                    _looking = Task.CompletedTask;
                    return;
                }
            }

            if (Look() is var now && now != seen && await newest(CancellationToken.None) is { } found)
            {
                seen = now;
                Publish(found);
            }

            await Task.Delay(LookAgain, time);
        }
    }

    private (DateTime, long) Look()
    {
        var file = new FileInfo(path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
    }
}
