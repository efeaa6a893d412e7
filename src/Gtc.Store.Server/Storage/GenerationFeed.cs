namespace Gtc.Store.Server;

/// <summary>
/// Tells who waits for the next generation of one environment. Changes of this process are published; those of others are found by one look
/// at a file for everybody, and only while somebody waits.
/// </summary>
/// <param name="path">The file that changes with the environment.</param>
/// <param name="newest">Reads the newest generation; 0 when there is none.</param>
/// <param name="time">Measures the interval.</param>
internal sealed class GenerationFeed(string path, Func<CancellationToken, Task<ulong>> newest, TimeProvider time)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private TaskCompletionSource<ulong> _next = NewSignal();
    private Task _looking = Task.CompletedTask;
    private ulong _published;
    private int _waiting;

    /// <summary>A change was committed.</summary>
    public void Publish(ulong generation)
    {
        TaskCompletionSource<ulong> signal;
        lock (_gate)
        {
            // Not by order: an environment that was destroyed and made again begins at 1.
            if (generation == 0 || generation == _published)
            {
                return;
            }

            _published = generation;
            (signal, _next) = (_next, NewSignal());
        }

        signal.TrySetResult(generation);
    }

    /// <summary>Waits for a generation after the given one.</summary>
    public async Task<ulong> WaitAsync(ulong after, CancellationToken cancellationToken)
    {
        Enter();
        try
        {
            while (true)
            {
                Task<ulong> next;
                lock (_gate)
                {
                    next = _next.Task;
                }

                // Read after the signal was taken, so that a change between the two is not missed.
                var present = await newest(cancellationToken);
                if (present > after)
                {
                    return present;
                }

                if (await next.WaitAsync(cancellationToken) is var published && published > after)
                {
                    return published;
                }
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private static TaskCompletionSource<ulong> NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

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

            if (Look() is var now && now != seen)
            {
                seen = now;
                Publish(await newest(CancellationToken.None));
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
