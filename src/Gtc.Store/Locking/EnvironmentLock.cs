using Gtc.Model;
using Microsoft.Win32.SafeHandles;

namespace Gtc.Store;

/// <summary>
/// The exclusive right to change one environment: an advisory lock of the kernel on <c>.lock</c>, which ends with the handle,
/// so a killed holder leaves nothing behind. Handles within one process exclude each other too.
/// </summary>
public sealed class EnvironmentLock : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly EnvironmentLayout _layout;
    private readonly IFileCalls _calls;

    private EnvironmentLock(SafeFileHandle file, EnvironmentLayout layout, IFileCalls calls)
    {
        _file = file;
        _layout = layout;
        _calls = calls;
    }

    /// <summary>Takes the lock when it is free; the environment's folder is made when absent.</summary>
    /// <returns>The lock, or null when another holds it.</returns>
    public static Outcome<EnvironmentLock?> TryTake(EnvironmentLayout layout, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(layout);
        try
        {
            return TryTake(layout, new AtomicFile(random));
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store($"environment `{layout.Id}` could not be locked", error);
        }
    }

    /// <summary>Releases the lock.</summary>
    public void Dispose() => _file.Dispose();

    /// <summary>Waits for the lock; cancellation ends the wait at once.</summary>
    /// <exception cref="FileCallException">The file cannot be made or locked.</exception>
    internal static async Task<EnvironmentLock> TakeAsync(EnvironmentLayout layout, AtomicFile atomic, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var file = Open(layout, atomic);
            if (!TryLock(file, layout, atomic.Calls))
            {
                await WaitAsync(file, layout, atomic.Calls, cancellationToken);
            }

            if (IsCurrent(file, layout, atomic.Calls))
            {
                return new EnvironmentLock(file, layout, atomic.Calls);
            }

            file.Dispose();
        }
    }

    /// <summary>Removes the folder again when it holds nothing but the lock: a rejected attempt must not make it look as if there was an environment.</summary>
    /// <remarks>Best effort: the attempt has been answered and recorded, and an empty folder is not an environment.</remarks>
    internal void RemoveStrayFolder()
    {
        try
        {
            // A folder that was moved away took this lock's file along: what is there now is another's.
            if (_calls.Status(_layout.Document, followLinks: false) is null
                && FolderListing.Entries(_layout.Folder).All(entry => entry == _layout.Lock)
                && _calls.Status(_layout.Lock, followLinks: true) is { } present
                && present.IsSameFile(_calls.Status(_file, _layout.Lock))
                && _calls.Unlink(_layout.Lock))
            {
                _calls.RemoveFolder(_layout.Folder);
            }
        }
        catch (FileCallException)
        {
            // See the remark.
        }
    }

    private static EnvironmentLock? TryTake(EnvironmentLayout layout, AtomicFile atomic)
    {
        while (true)
        {
            var file = Open(layout, atomic);
            var isLocked = TryLock(file, layout, atomic.Calls);
            if (isLocked && IsCurrent(file, layout, atomic.Calls))
            {
                return new EnvironmentLock(file, layout, atomic.Calls);
            }

            file.Dispose();
            if (!isLocked)
            {
                return null;
            }
        }
    }

    private static SafeFileHandle Open(EnvironmentLayout layout, AtomicFile atomic)
    {
        while (true)
        {
            try
            {
                atomic.EnsureFolder(layout.Folder);
                return atomic.Calls.Open(layout.Lock, OpenWay.Append, AtomicFile.Private);
            }
            catch (FileCallException error) when (error.Errno == Errno.NotFound)
            {
                // A rejected attempt removed the folder in between; make it again.
            }
        }
    }

    private static bool TryLock(SafeFileHandle file, EnvironmentLayout layout, IFileCalls calls)
    {
        try
        {
            return calls.Lock(file, wait: false, layout.Lock);
        }
        catch (FileCallException)
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The lock must be that of the file which is there now: a rejected attempt may have removed the one that was waited for.</summary>
    private static bool IsCurrent(SafeFileHandle file, EnvironmentLayout layout, IFileCalls calls)
    {
        try
        {
            return calls.Status(layout.Lock, followLinks: true) is { } present && present.IsSameFile(calls.Status(file, layout.Lock));
        }
        catch (FileCallException)
        {
            file.Dispose();
            throw;
        }
    }

    private static async Task WaitAsync(SafeFileHandle file, EnvironmentLayout layout, IFileCalls calls, CancellationToken cancellationToken)
    {
        // A thread of its own: the kernel blocks it for as long as the holder likes.
        var waiting = Task.Factory.StartNew(
            () => calls.Lock(file, wait: true, layout.Lock), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await waiting.WaitAsync(cancellationToken);
        }
        catch (Exception)
        {
            // The kernel cannot be asked to give up. Whenever the thread comes back, closing the file gives up the lock.
            _ = waiting.ContinueWith(
                static (_, state) => ((SafeFileHandle)state!).Dispose(), file, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw;
        }
    }
}
