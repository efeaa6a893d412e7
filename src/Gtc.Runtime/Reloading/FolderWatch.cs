using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>
/// Tells that something may have changed in a folder: at once where the kernel tells (inotify on the folder itself, so that renames and ConfigMap's
/// swaps of <c>..data</c> are seen), and in any case after an interval, since network and overlay file systems tell nothing.
/// </summary>
internal sealed partial class FolderWatch : IDisposable
{
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly FileSystemWatcher? _watcher;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;

    /// <summary>Begins to watch.</summary>
    /// <param name="folder">The folder; what lies in folders below it is not watched.</param>
    /// <param name="interval">How long nothing is told at most.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where it is told that only the interval is left.</param>
    public FolderWatch(string folder, TimeSpan interval, TimeProvider time, ILogger logger)
    {
        _interval = interval;
        _time = time;
        try
        {
            var watcher = new FileSystemWatcher(folder) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite };
            watcher.Changed += (_, _) => Signal();
            watcher.Created += (_, _) => Signal();
            watcher.Deleted += (_, _) => Signal();
            watcher.Renamed += (_, _) => Signal();
            watcher.Error += (_, _) => Signal();
            watcher.EnableRaisingEvents = true;
            _watcher = watcher;
        }
        catch (Exception error) when (error is IOException or ArgumentException)
        {
            // No inotify instance is left, or the file system has none: the interval is the fallback.
            Log.OnlyPolls(logger, folder, error.Message, interval.TotalMilliseconds);
        }
    }

    /// <summary>Waits until something may have changed.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var over = new CancellationTokenSource(_interval, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, over.Token);
        await ((Task)_changes.Reader.WaitToReadAsync(either.Token).AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _changes.Reader.TryRead(out _);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Ends the wait at once.</summary>
    public void Signal() => _changes.Writer.TryWrite(true);

    public void Dispose() => _watcher?.Dispose();

    private static partial class Log
    {
        [LoggerMessage(4703, LogLevel.Warning, "Changes of {Folder} are not told by the kernel ({Reason}); the files are read every {IntervalMs} ms instead")]
        public static partial void OnlyPolls(ILogger logger, string folder, string reason, double intervalMs);
    }
}
