using Microsoft.Win32.SafeHandles;

namespace Gtc.Store.Tests;

/// <summary>The power went away: no code of the dead process runs any more, so nothing may catch this.</summary>
internal sealed class PowerLossException : Exception;

/// <summary>
/// Passes calls on until the one with number <see cref="Step"/> (from 1), which fails, or at which the power goes away.
/// With the power goes what was written and not synced: such files are found as long as they were.
/// </summary>
internal sealed class FaultyCalls : IFileCalls
{
    private readonly Dictionary<string, long> _syncedLength = [];
    private readonly LinuxFileCalls _real = LinuxFileCalls.Instance;

    /// <summary>0 to let everything pass.</summary>
    public int Step { get; set; }

    /// <summary>The error number to fail with; null to lose power.</summary>
    public int? Errno { get; set; }

    /// <summary>Fails only calls of this name, every time, when set.</summary>
    public string? Only { get; set; }

    /// <summary>Whom the process counts as; the real user unless a test says another.</summary>
    public uint EffectiveUser { get; set; } = LinuxFileCalls.Instance.EffectiveUser;

    /// <summary>Whether everything counts as being on a network file system.</summary>
    public bool IsFarAway { get; set; }

    public List<string> Made { get; } = [];

    public long BytesRead { get; set; }

    public SafeFileHandle Open(string path, OpenWay way, UnixFileMode mode)
    {
        Pass("open", path);
        return _real.Open(path, way, mode);
    }

    public FileStatus? Status(string path, bool followLinks) => _real.Status(path, followLinks);

    public FileStatus Status(SafeFileHandle file, string path) => _real.Status(file, path);

    public bool IsRemote(string path) => IsFarAway || _real.IsRemote(path);

    public int Read(SafeFileHandle file, Span<byte> buffer, long offset, string path)
    {
        BytesRead += buffer.Length;
        return _real.Read(file, buffer, offset, path);
    }

    public void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, string path)
    {
        _syncedLength.TryAdd(path, _real.Status(file, path).Size);
        if (IsAt("write", path))
        {
            // Half of it arrives.
            _real.Write(file, bytes[..(bytes.Length / 2)], path);
        }

        Pass("write", path);
        _real.Write(file, bytes, path);
    }

    public void WriteAt(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset, string path)
    {
        _syncedLength.TryAdd(path, offset);
        if (IsAt("write", path))
        {
            _real.WriteAt(file, bytes[..(bytes.Length / 2)], offset, path);
        }

        Pass("write", path);
        _real.WriteAt(file, bytes, offset, path);
    }

    public void Truncate(SafeFileHandle file, long length, string path) => _real.Truncate(file, length, path);

    public void Sync(SafeFileHandle file, string path)
    {
        Pass("fsync", path);
        _syncedLength.Remove(path);
    }

    public void SyncData(SafeFileHandle file, string path)
    {
        Pass("fdatasync", path);
        _syncedLength.Remove(path);
    }

    public void SyncFolder(string path) => Pass("syncfolder", path);

    public void Rename(string from, string to)
    {
        Pass("rename", to);
        _real.Rename(from, to);
        Moved(from, to);
    }

    public bool Link(string from, string to)
    {
        Pass("link", to);
        var linked = _real.Link(from, to);
        if (linked && _syncedLength.TryGetValue(from, out var length))
        {
            _syncedLength[to] = length;
        }

        return linked;
    }

    public bool Unlink(string path)
    {
        Pass("unlink", path);
        return _real.Unlink(path);
    }

    public bool MakeFolder(string path)
    {
        Pass("mkdir", path);
        return _real.MakeFolder(path);
    }

    public bool RemoveFolder(string path)
    {
        Pass("rmdir", path);
        return _real.RemoveFolder(path);
    }

    public bool Lock(SafeFileHandle file, bool wait, string path)
    {
        Pass("flock", path);
        return _real.Lock(file, wait, path);
    }

    private bool IsAt(string call, string path) => Only is null ? Step != 0 && Made.Count + 1 == Step : Only == call && !path.EndsWith(".lock", StringComparison.Ordinal);

    private void Pass(string call, string path)
    {
        if (Errno is null && Step != 0 && Made.Count >= Step)
        {
            throw new PowerLossException();
        }

        var isAt = IsAt(call, path);
        Made.Add(call);
        if (!isAt)
        {
            return;
        }

        if (Errno is { } errno)
        {
            throw new FileCallException(call, path, errno);
        }

        foreach (var (lost, length) in _syncedLength.Where(pair => File.Exists(pair.Key)))
        {
            // Not with a FileStream: it would ask for a lock that the dying writer still holds.
            using var file = _real.Open(lost, OpenWay.Append, AtomicFile.Private);
            _real.Truncate(file, length, lost);
        }

        throw new PowerLossException();
    }

    private void Moved(string from, string to)
    {
        _syncedLength.Remove(to);
        if (_syncedLength.Remove(from, out var length))
        {
            _syncedLength[to] = length;
        }
    }
}
