namespace Gtc.Store.Server;

/// <summary>
/// Has files looked at again while the server runs: at once where the kernel tells of a change in their folders, and each second in any case, since mounted
/// and network file systems tell nothing.
/// </summary>
internal sealed class FollowedFiles : IAsyncDisposable
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly Action _look;
    private readonly Lock _gate = new();
    private readonly List<FileSystemWatcher> _watchers = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _looking;

    /// <summary>Begins to follow.</summary>
    /// <param name="paths">The files, absolute.</param>
    /// <param name="look">Looks at them; never called twice at a time.</param>
    public FollowedFiles(IEnumerable<string> paths, Action look)
    {
        _look = look;
        foreach (var folder in paths.Select(path => Path.GetDirectoryName(path)!).Distinct(StringComparer.Ordinal))
        {
            Watch(folder);
        }

        _looking = LookAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _looking;
        _watchers.ForEach(watcher => watcher.Dispose());
        _stop.Dispose();
    }

    private void Watch(string folder)
    {
        try
        {
            var watcher = new FileSystemWatcher(folder) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite };
            watcher.Changed += (_, _) => Look();
            watcher.Created += (_, _) => Look();
            watcher.Renamed += (_, _) => Look();
            watcher.EnableRaisingEvents = true;
            _watchers.Add(watcher);
        }
        catch (Exception error) when (error is IOException or ArgumentException)
        {
            // No inotify instance is left, or the file system has none: the interval is the fallback.
        }
    }

    private async Task LookAsync()
    {
        // Real seconds whatever clock the server has: a file is changed by the world outside.
        using var again = new PeriodicTimer(LookAgain);
        try
        {
            while (await again.WaitForNextTickAsync(_stop.Token))
            {
                Look();
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    /// <summary>Looks at them now.</summary>
    public void Look()
    {
        lock (_gate)
        {
            if (!_stop.IsCancellationRequested)
            {
                _look();
            }
        }
    }
}
