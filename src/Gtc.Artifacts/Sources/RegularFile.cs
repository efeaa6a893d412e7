using System.Runtime.InteropServices;
using Gtc.Model;
using Microsoft.Win32.SafeHandles;

namespace Gtc.Artifacts.Sources;

/// <summary>A regular file opened for reading, never a pipe, a device or a folder (opening a named pipe would wait for a writer).</summary>
internal sealed partial class RegularFile : IDisposable
{
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int EmptyPath = 0x1000;
    private const uint BasicStats = 0x7ff;
    private const int TypeMask = 0xF000;
    private const int RegularType = 0x8000;
    private const int NoEntry = 2;
    private const int NotFolder = 20;

    private RegularFile(SafeFileHandle handle, FileStamp stamp) => (Handle, Stamp) = (handle, stamp);

    public SafeFileHandle Handle { get; }

    /// <summary>What the file was when it was opened.</summary>
    public FileStamp Stamp { get; }

    /// <summary>Where the opened file really is, symbolic links resolved.</summary>
    public string RealPath =>
        File.ResolveLinkTarget($"/proc/self/fd/{Handle.DangerousGetHandle()}", returnFinalTarget: false)?.FullName ?? "";

    /// <summary>Opens a file; a final symbolic link is followed.</summary>
    public static Outcome<RegularFile> Open(string path)
    {
        var descriptor = OpenDescriptor(path, NonBlocking | CloseOnExec);
        if (descriptor < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            return error is NoEntry or NotFolder
                ? new Refusal.Missing($"there is no file {path}")
                : new Refusal.FileFailed($"{path} cannot be read: {Marshal.GetPInvokeErrorMessage(error)}");
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (ReadStamp(handle) is { } stamp)
        {
            return new RegularFile(handle, stamp);
        }

        handle.Dispose();
        return new Refusal.InvalidArgument($"{path} is not a regular file");
    }

    /// <summary>True when nothing was written to the file since it was opened.</summary>
    public bool IsUnchanged => ReadStamp(Handle) == Stamp;

    public void Dispose() => Handle.Dispose();

    private static FileStamp? ReadStamp(SafeFileHandle handle)
    {
        if (Statx(handle, "", EmptyPath, BasicStats, out var status) != 0)
        {
            throw new IOException($"statx: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        return (status.Mode & TypeMask) != RegularType ? null : new FileStamp(
            status.Size, Nanoseconds(status.ModifiedSeconds, status.ModifiedNanoseconds), Nanoseconds(status.ChangedSeconds, status.ChangedNanoseconds),
            status.Inode, ((ulong)status.DeviceMajor << 32) | status.DeviceMinor);
    }

    private static long Nanoseconds(long seconds, uint nanoseconds) => unchecked((seconds * 1_000_000_000) + nanoseconds);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenDescriptor(string path, int flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(SafeFileHandle folder, string path, int flags, uint mask, out Status status);

    /// <summary>struct statx of statx(2); the same layout on every Linux architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(28)] public ushort Mode;
        [FieldOffset(32)] public ulong Inode;
        [FieldOffset(40)] public long Size;
        [FieldOffset(96)] public long ChangedSeconds;
        [FieldOffset(104)] public uint ChangedNanoseconds;
        [FieldOffset(112)] public long ModifiedSeconds;
        [FieldOffset(120)] public uint ModifiedNanoseconds;
        [FieldOffset(136)] public uint DeviceMajor;
        [FieldOffset(140)] public uint DeviceMinor;
    }
}

/// <summary>What tells one state of a file from another. Times are nanoseconds since 1970, UTC.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">The last write; a program may set it back.</param>
/// <param name="Changed">The last change of content or attributes; no program can set it back.</param>
/// <param name="Inode">Which file.</param>
/// <param name="Device">On which file system.</param>
internal readonly record struct FileStamp(long Size, long Modified, long Changed, ulong Inode, ulong Device);
