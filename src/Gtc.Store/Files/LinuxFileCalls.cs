using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gtc.Store;

/// <summary>The real calls.</summary>
internal sealed unsafe class LinuxFileCalls : IFileCalls
{
    private const int WriteOnly = 0x1;
    private const int ReadWrite = 0x2;
    private const int Create = 0x40;
    private const int Exclusive = 0x80;
    private const int AppendOnly = 0x400;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;

    private const uint FolderMode = 0b111_000_000;

    /// <summary>O_NOFOLLOW is one of the few flags that differ by processor.</summary>
    private static readonly int NoFollow = RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64 ? 0x8000 : 0x20000;

    /// <summary>NFS, SMB, CIFS, SMB 2, AFS, Coda and 9P (linux/magic.h).</summary>
    private static readonly uint[] _remoteTypes = [0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x5346414f, 0x73757245, 0x01021997];

    private LinuxFileCalls()
    {
    }

    public static LinuxFileCalls Instance { get; } = new();

    public uint EffectiveUser { get; } = LibC.EffectiveUserId();

    public SafeFileHandle Open(string path, OpenWay way, UnixFileMode mode)
    {
        var flags = CloseOnExec | way switch
        {
            OpenWay.Read => 0,
            OpenWay.ReadNoFollow => NoFollow | NonBlocking,
            OpenWay.CreateNew => WriteOnly | Create | Exclusive,
            OpenWay.Append => ReadWrite | Create | AppendOnly,
            OpenWay.Update => ReadWrite | Create,
            _ => throw new ArgumentOutOfRangeException(nameof(way)),
        };
        var descriptor = Retry(() => LibC.Open(path, flags, (int)mode), "open", path);
        return new SafeFileHandle((nint)descriptor, ownsHandle: true);
    }

    public FileStatus? Status(string path, bool followLinks)
    {
        var buffer = stackalloc byte[256];
        if (LibC.Status(LibC.CurrentFolder, path, followLinks ? 0 : LibC.NoFollow, LibC.BasicStats, buffer) == 0)
        {
            return Parse(new ReadOnlySpan<byte>(buffer, 256));
        }

        var errno = Marshal.GetLastPInvokeError();
        return errno == Errno.NotFound ? null : throw new FileCallException("stat", path, errno);
    }

    public FileStatus Status(SafeFileHandle file, string path)
    {
        var buffer = stackalloc byte[256];
        return LibC.Status(file, string.Empty, LibC.EmptyPath, LibC.BasicStats, buffer) == 0
            ? Parse(new ReadOnlySpan<byte>(buffer, 256))
            : throw new FileCallException("stat", path, Marshal.GetLastPInvokeError());
    }

    public bool IsRemote(string path)
    {
        // struct statfs begins with the type, one machine word; a path that cannot be asked about is refused by the calls that follow.
        var buffer = stackalloc byte[256];
        return LibC.FileSystem(path, buffer) == 0 && _remoteTypes.Contains((uint)*(nint*)buffer);
    }

    public int Read(SafeFileHandle file, Span<byte> buffer, long offset, string path)
    {
        var total = 0;
        fixed (byte* start = buffer)
        {
            while (total < buffer.Length)
            {
                var read = LibC.ReadAt(file, start + total, (nuint)(buffer.Length - total), offset + total);
                if (read == 0)
                {
                    break;
                }

                total += read > 0 ? (int)read : IgnoreInterruption("read", path);
            }
        }

        return total;
    }

    public void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, string path)
    {
        fixed (byte* start = bytes)
        {
            var total = 0;
            while (total < bytes.Length)
            {
                var written = LibC.Write(file, start + total, (nuint)(bytes.Length - total));
                total += written >= 0 ? (int)written : IgnoreInterruption("write", path);
            }
        }
    }

    public void WriteAt(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset, string path)
    {
        fixed (byte* start = bytes)
        {
            var total = 0;
            while (total < bytes.Length)
            {
                var written = LibC.WriteAt(file, start + total, (nuint)(bytes.Length - total), offset + total);
                total += written >= 0 ? (int)written : IgnoreInterruption("write", path);
            }
        }
    }

    public void Truncate(SafeFileHandle file, long length, string path) => Retry(() => LibC.Truncate(file, length), "truncate", path);

    // An interrupted or failed sync is not tried again: the kernel may have dropped the dirty pages and would then report success.
    public void Sync(SafeFileHandle file, string path) => Check(LibC.Sync(file), "fsync", path);

    public void SyncData(SafeFileHandle file, string path) => Check(LibC.SyncData(file), "fdatasync", path);

    public void SyncFolder(string path)
    {
        using var folder = Open(path, OpenWay.Read, UnixFileMode.None);
        Sync(folder, path);
    }

    public void Rename(string from, string to) => Check(LibC.Rename(from, to), "rename", to);

    public bool Link(string from, string to) => Unless(Errno.Exists, LibC.Link(from, to), "link", to);

    public bool Unlink(string path) => Unless(Errno.NotFound, LibC.Unlink(path), "unlink", path);

    public bool MakeFolder(string path) => Unless(Errno.Exists, LibC.MakeFolder(path, FolderMode), "mkdir", path);

    public bool RemoveFolder(string path)
    {
        if (LibC.RemoveFolder(path) == 0)
        {
            return true;
        }

        var errno = Marshal.GetLastPInvokeError();
        return errno is Errno.FolderNotEmpty or Errno.Exists or Errno.NotFound ? false : throw new FileCallException("rmdir", path, errno);
    }

    public bool Lock(SafeFileHandle file, bool wait, string path)
    {
        var operation = LibC.LockExclusive | (wait ? 0 : LibC.LockNonBlocking);
        while (LibC.Lock(file, operation) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.TryAgain && !wait)
            {
                return false;
            }

            if (errno != Errno.Interrupted)
            {
                throw new FileCallException("flock", path, errno);
            }
        }

        return true;
    }

    /// <summary>struct statx has one layout on every processor (linux/stat.h).</summary>
    private static FileStatus Parse(ReadOnlySpan<byte> statx) => new(
        BinaryPrimitives.ReadUInt16LittleEndian(statx[28..]),
        BinaryPrimitives.ReadUInt64LittleEndian(statx[32..]),
        BinaryPrimitives.ReadUInt64LittleEndian(statx[136..]),
        BinaryPrimitives.ReadInt64LittleEndian(statx[40..]),
        DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64LittleEndian(statx[112..])),
        BinaryPrimitives.ReadUInt32LittleEndian(statx[20..]));

    private static int IgnoreInterruption(string call, string path)
    {
        var errno = Marshal.GetLastPInvokeError();
        return errno == Errno.Interrupted ? 0 : throw new FileCallException(call, path, errno);
    }

    private static int Retry(Func<int> operation, string call, string path)
    {
        while (true)
        {
            var result = operation();
            if (result >= 0)
            {
                return result;
            }

            _ = IgnoreInterruption(call, path);
        }
    }

    private static void Check(int result, string call, string path)
    {
        if (result != 0)
        {
            throw new FileCallException(call, path, Marshal.GetLastPInvokeError());
        }
    }

    private static bool Unless(int expected, int result, string call, string path)
    {
        if (result == 0)
        {
            return true;
        }

        var errno = Marshal.GetLastPInvokeError();
        return errno == expected ? false : throw new FileCallException(call, path, errno);
    }
}
