using Gtc.Model;
using Microsoft.Win32.SafeHandles;

namespace Gtc.Store;

/// <summary>Appends lines to an audit log (store.md §5.1). The log has a lock of its own, so that appending inside an environment's lock cannot deadlock.</summary>
internal sealed class AuditLog(AtomicFile atomic)
{
    private readonly IFileCalls _calls = atomic.Calls;

    /// <summary>Appends one line and makes it durable. Other processes may append at the same time.</summary>
    /// <exception cref="FileCallException">The line is not there.</exception>
    public void Append(string path, AuditEvent line)
    {
        var folder = Path.GetDirectoryName(path)!;
        atomic.EnsureFolder(folder);
        var isNew = _calls.Status(path, followLinks: true) is null;
        using var file = _calls.Open(path, OpenWay.Append, AtomicFile.Private);
        _calls.Lock(file, wait: true, path);
        var length = _calls.Status(file, path).Size;
        byte[] bytes = [.. EndOfTornLine(file, length, path), .. Documents.AuditEvent.ToLine(line), (byte)'\n'];
        try
        {
            _calls.Write(file, bytes, path);
            _calls.SyncData(file, path);
        }
        catch (FileCallException)
        {
            TakeBack(file, length, path);
            throw;
        }

        if (isNew)
        {
            _calls.SyncFolder(folder);
        }
    }

    /// <summary>A writer that died in the middle of a line must not spoil the next one.</summary>
    private byte[] EndOfTornLine(SafeFileHandle file, long length, string path)
    {
        Span<byte> last = stackalloc byte[1];
        return length > 0 && _calls.Read(file, last, length - 1, path) == 1 && last[0] != (byte)'\n' ? [(byte)'\n'] : [];
    }

    /// <summary>Best effort: half a line is worse than none.</summary>
    private void TakeBack(SafeFileHandle file, long length, string path)
    {
        try
        {
            _calls.Truncate(file, length, path);
        }
        catch (FileCallException)
        {
            // The error that led here is the one to report; the next writer ends the torn line.
        }
    }
}
