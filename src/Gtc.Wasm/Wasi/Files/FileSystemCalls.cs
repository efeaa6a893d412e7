using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Gtc.Wasm.Wasi;

/// <summary>
/// Linux calls relative to an open folder. Paths are resolved with RESOLVE_BENEATH, so that it is the kernel, and not a check before the use, that keeps a guest
/// inside its folder, whatever symbolic links others make meanwhile.
/// </summary>
internal static unsafe partial class FileSystemCalls
{
    public const int ReadOnly = 0;
    public const int WriteOnly = 1;
    public const int ReadWrite = 2;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int Truncate = 0x200;
    public const int NonBlocking = 0x800;
    public const int Path = 0x200000;
    private const int CloseOnExec = 0x80000;
    private const long OpenAt2 = 437;
    private const ulong BeneathWithoutMagicLinks = 0x08 | 0x02;
    private const int EmptyPath = 0x1000;
    private const int RemoveDirectoryFlag = 0x200;

    public static int Directory { get; } = IsArm ? 0x4000 : 0x10000;

    public static int NoFollow { get; } = IsArm ? 0x8000 : 0x20000;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <summary>Opens the folder that is granted; this path is the host's own.</summary>
    public static SafeFileHandle OpenRoot(string path) => Own(open(path, Directory | CloseOnExec, 0));

    public static SafeFileHandle OpenBeneath(SafeFileHandle folder, string path, int flags)
    {
        var how = new OpenHow
        {
            Flags = (ulong)(flags | CloseOnExec),
            Mode = (flags & Create) != 0 ? 0b110_110_110u : 0u,
            Resolve = BeneathWithoutMagicLinks,
        };
        fixed (byte* name = Text(path))
        {
            return Own((int)syscall(OpenAt2, Number(folder), name, &how, (nuint)sizeof(OpenHow)));
        }
    }

    public static FileStatus Status(SafeFileHandle file)
    {
        FileStatus status;
        return statx(Number(file), "", EmptyPath, 0x7FF, &status) == 0 ? status : throw Fault();
    }

    public static void MakeDirectory(SafeFileHandle folder, string name) => Check(mkdirat(Number(folder), name, 0b111_111_111));

    public static void Remove(SafeFileHandle folder, string name, bool isDirectory) => Check(unlinkat(Number(folder), name, isDirectory ? RemoveDirectoryFlag : 0));

    public static void Rename(SafeFileHandle folder, string name, SafeFileHandle newFolder, string newName) =>
        Check(renameat(Number(folder), name, Number(newFolder), newName));

    public static void Link(SafeFileHandle folder, string name, SafeFileHandle newFolder, string newName) =>
        Check(linkat(Number(folder), name, Number(newFolder), newName, 0));

    public static void MakeSymbolicLink(string target, SafeFileHandle folder, string name) => Check(symlinkat(target, Number(folder), name));

    public static string ReadLink(SafeFileHandle folder, string name)
    {
        Span<byte> buffer = stackalloc byte[4096];
        fixed (byte* start = buffer)
        {
            var length = readlinkat(Number(folder), name, start, (nuint)buffer.Length);
            return length >= 0 ? Encoding.UTF8.GetString(buffer[..(int)length]) : throw Fault();
        }
    }

    private static byte[] Text(string path) =>
        path.Contains('\0', StringComparison.Ordinal) ? throw new FileFaultException(FileFault.Invalid) : Encoding.UTF8.GetBytes(path + '\0');

    private static int Number(SafeFileHandle handle) => (int)handle.DangerousGetHandle();

    private static SafeFileHandle Own(int number) => number >= 0 ? new SafeFileHandle(number, ownsHandle: true) : throw Fault();

    private static void Check(int result)
    {
        if (result != 0)
        {
            throw Fault();
        }
    }

    private static FileFaultException Fault() => FileFaultException.OfErrno(Marshal.GetLastPInvokeError());

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, int folder, byte* path, OpenHow* how, nuint size);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, FileStatus* status);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkdirat(int folder, string name, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int unlinkat(int folder, string name, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int renameat(int folder, string name, int newFolder, string newName);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int linkat(int folder, string name, int newFolder, string newName, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int symlinkat(string target, int folder, string name);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint readlinkat(int folder, string name, byte* buffer, nuint size);

    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }
}

/// <summary>The kernel's <c>struct statx</c>, as far as it is used.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct FileStatus
{
    [FieldOffset(16)]
    public uint Links;

    [FieldOffset(28)]
    public ushort Mode;

    [FieldOffset(32)]
    public ulong Inode;

    [FieldOffset(40)]
    public ulong Size;

    [FieldOffset(64)]
    public FileMoment Accessed;

    [FieldOffset(96)]
    public FileMoment Changed;

    [FieldOffset(112)]
    public FileMoment Modified;

    [FieldOffset(136)]
    public ulong Device;

    public readonly bool IsDirectory => (Mode & 0xF000) == 0x4000;

    public readonly bool IsFile => (Mode & 0xF000) == 0x8000;

    /// <summary>The number of the <c>descriptor-type</c>.</summary>
    public readonly uint Type => (Mode & 0xF000) switch
    {
        0x6000 => 1,
        0x2000 => 2,
        0x4000 => 3,
        0x1000 => 4,
        0xA000 => 5,
        0x8000 => 6,
        0xC000 => 7,
        _ => 0u,
    };
}

/// <summary>The kernel's <c>struct statx_timestamp</c>.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal struct FileMoment
{
    public long Seconds;
    public uint Nanoseconds;
}
