using Microsoft.Win32.SafeHandles;

namespace Gtc.Store;

/// <summary>How a file is opened.</summary>
internal enum OpenWay
{
    /// <summary>To read; a symbolic link is followed.</summary>
    Read,

    /// <summary>To read; a symbolic link is refused with ELOOP, and a pipe does not block.</summary>
    ReadNoFollow,

    /// <summary>To write a file that does not exist yet.</summary>
    CreateNew,

    /// <summary>To read and append, made when absent.</summary>
    Append,

    /// <summary>To read and write anywhere, made when absent.</summary>
    Update,
}

/// <summary>The system calls of the store, one seam for fault injection. Failures are <see cref="FileCallException"/>.</summary>
internal interface IFileCalls
{
    /// <summary>The user whose rights this process has on files.</summary>
    uint EffectiveUser { get; }

    SafeFileHandle Open(string path, OpenWay way, UnixFileMode mode);

    /// <summary>Null when nothing is there.</summary>
    FileStatus? Status(string path, bool followLinks);

    FileStatus Status(SafeFileHandle file, string path);

    /// <summary>Whether a file system of another machine is there, whose locks may not hold between machines.</summary>
    bool IsRemote(string path);

    /// <summary>Reads from an offset until the buffer is full or the file ends.</summary>
    int Read(SafeFileHandle file, Span<byte> buffer, long offset, string path);

    /// <summary>Writes all of it, or fails.</summary>
    void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, string path);

    /// <summary>Writes all of it from an offset on, or fails.</summary>
    void WriteAt(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset, string path);

    void Truncate(SafeFileHandle file, long length, string path);

    void Sync(SafeFileHandle file, string path);

    void SyncData(SafeFileHandle file, string path);

    void SyncFolder(string path);

    void Rename(string from, string to);

    /// <summary>False when the target exists.</summary>
    bool Link(string from, string to);

    /// <summary>False when nothing was there.</summary>
    bool Unlink(string path);

    /// <summary>False when it exists.</summary>
    bool MakeFolder(string path);

    /// <summary>False when it is not empty or gone.</summary>
    bool RemoveFolder(string path);

    /// <summary>Takes the exclusive advisory lock of the open file.</summary>
    /// <returns>False when <paramref name="wait"/> is false and another holds it.</returns>
    bool Lock(SafeFileHandle file, bool wait, string path);
}
