namespace Gtc.Store.Server;

/// <summary>
/// Tells who waits for the next generation of one environment in files. Changes of this process are published; those of others are found by one look
/// at a file for everybody, and only while somebody waits.
/// </summary>
/// <param name="path">The file that changes with the environment.</param>
/// <param name="newest">Reads the newest generation; null when there is none.</param>
/// <param name="time">Measures the interval.</param>
internal sealed class GenerationFeed(string path, Func<CancellationToken, Task<WatchedGeneration?>> newest, TimeProvider time)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(250);

    private readonly GenerationSignal _signal = new();
    private readonly Lock _gate = new();
    private Task _looking = Task.CompletedTask;

    /// <summary>A change was committed.</summary>
    public void Publish(WatchedGeneration generation) => _signal.Publish(generation, isOrdered: false);

    /// <summary>Waits for a generation after the given one.</summary>
    public Task<WatchedGeneration> WaitAsync(ulong after, CancellationToken cancellationToken)
    {
        // It waits before anybody looks whether somebody does.
        var waiting = _signal.WaitAsync(after, cancellationToken);
        lock (_gate)
        {
            if (_looking.IsCompleted)
            {
                _looking = LookAsync();
            }
        }

        return waiting;
    }

    private async Task LookAsync()
    {
        await Task.Yield();
        (DateTime, long)? seen = null;
        while (true)
        {
            lock (_gate)
            {
                if (!_signal.IsWatched)
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
