using Microsoft.Win32.SafeHandles;

namespace Gtc.Wasm.Wasi;

/// <summary>An open file or folder of a guest.</summary>
internal sealed class WasiDescriptor : IDisposable
{
    private readonly WasiContext _context;

    public WasiDescriptor(WasiContext context, SafeFileHandle handle, FileStatus status, bool canRead, bool canWrite)
    {
        if (context.OpenDescriptors >= WasiContext.MostDescriptors)
        {
            handle.Dispose();
            throw new FileFaultException(FileFault.Quota);
        }

        _context = context;
        Handle = handle;
        IsDirectory = status.IsDirectory;
        CanRead = canRead;
        CanWrite = canWrite;
        context.OpenDescriptors++;
    }

    public SafeFileHandle Handle { get; }

    public bool IsDirectory { get; }

    public bool CanRead { get; }

    /// <summary>For a folder: what is in it may be changed.</summary>
    public bool CanWrite { get; }

    public FileStatus Status => FileSystemCalls.Status(Handle);

    /// <summary>Opens a folder that is granted.</summary>
    public static WasiDescriptor OfFolder(WasiContext context, WasiFolder folder)
    {
        var handle = FileSystemCalls.OpenRoot(folder.HostPath);
        return new WasiDescriptor(context, handle, FileSystemCalls.Status(handle), canRead: true, folder.IsWritable);
    }

    public WasiDescriptor Open(string path, int flags, bool read, bool write)
    {
        var handle = FileSystemCalls.OpenBeneath(Folder(), path, flags | FileSystemCalls.NonBlocking);
        var status = FileSystemCalls.Status(handle);
        if (!status.IsFile && !status.IsDirectory)
        {
            handle.Dispose();
            throw new FileFaultException(FileFault.Unsupported);
        }

        return new WasiDescriptor(_context, handle, status, read, write);
    }

    public FileStatus StatusAt(string path, bool follow)
    {
        using var handle = FileSystemCalls.OpenBeneath(Folder(), path, FileSystemCalls.Path | (follow ? 0 : FileSystemCalls.NoFollow));
        return FileSystemCalls.Status(handle);
    }

    public ReadOnlyMemory<byte> Read(ulong offset, ulong length)
    {
        var file = File(CanRead);
        var buffer = new byte[(int)Math.Min(length, 1 << 20)];
        return buffer.AsMemory(0, Guard(() => RandomAccess.Read(file, buffer, Position(offset))));
    }

    public void Write(ReadOnlySpan<byte> bytes, ulong offset)
    {
        var file = File(CanWrite);
        _context.SpendFileBytes(bytes.Length);
        var copy = bytes.ToArray();
        Guard(() =>
        {
            RandomAccess.Write(file, copy, Position(offset));
            return 0;
        });
    }

    public void SetSize(ulong size)
    {
        var file = File(CanWrite);
        _context.SpendFileBytes((long)Math.Min(size, long.MaxValue));
        Guard(() =>
        {
            RandomAccess.SetLength(file, Position(size));
            return 0;
        });
    }

    public void SetTimes(DateTimeOffset? accessed, DateTimeOffset? modified)
    {
        if (!CanWrite)
        {
            throw new FileFaultException(FileFault.ReadOnly);
        }

        Guard(() =>
        {
            if (accessed is { } access)
            {
                System.IO.File.SetLastAccessTimeUtc(Handle, access.UtcDateTime);
            }

            if (modified is { } change)
            {
                System.IO.File.SetLastWriteTimeUtc(Handle, change.UtcDateTime);
            }

            return 0;
        });
    }

    /// <summary>Opens the folder that holds a name, for calls that change it.</summary>
    public (SafeFileHandle Folder, string Name) Holder(string path)
    {
        if (!CanWrite)
        {
            throw new FileFaultException(IsDirectory ? FileFault.ReadOnly : FileFault.NotDirectory);
        }

        return Parent(path);
    }

    public (SafeFileHandle Folder, string Name) Parent(string path)
    {
        var trimmed = path.TrimEnd('/');
        var cut = trimmed.LastIndexOf('/');
        var name = trimmed[(cut + 1)..];
        if (name is "" or "." or ".." || name.Contains('\0', StringComparison.Ordinal) || path.StartsWith('/'))
        {
            throw new FileFaultException(FileFault.NotPermitted);
        }

        return (FileSystemCalls.OpenBeneath(Folder(), cut < 0 ? "." : trimmed[..cut], FileSystemCalls.Path | FileSystemCalls.Directory), name);
    }

    public void Dispose()
    {
        if (!Handle.IsClosed)
        {
            _context.OpenDescriptors--;
            Handle.Dispose();
        }
    }

    private static T Guard<T>(Func<T> body)
    {
        try
        {
            return body();
        }
        catch (UnauthorizedAccessException)
        {
            throw new FileFaultException(FileFault.Access);
        }
        catch (IOException)
        {
            throw new FileFaultException(FileFault.Io);
        }
    }

    private static long Position(ulong offset) => offset <= long.MaxValue ? (long)offset : throw new FileFaultException(FileFault.Invalid);

    private SafeFileHandle Folder() => IsDirectory ? Handle : throw new FileFaultException(FileFault.NotDirectory);

    private SafeFileHandle File(bool allowed) =>
        IsDirectory ? throw new FileFaultException(FileFault.IsDirectory) : allowed ? Handle : throw new FileFaultException(FileFault.BadDescriptor);
}

/// <summary>The names in a folder, read one after the other.</summary>
internal sealed class DirectoryEntries(WasiDescriptor folder)
{
    private const int MostEntries = 100_000;
    private readonly Queue<(uint Type, string Name)> _entries = new(Read(folder));

    public (uint Type, string Name)? Next() => _entries.TryDequeue(out var entry) ? entry : null;

    private static List<(uint, string)> Read(WasiDescriptor folder)
    {
        if (!folder.IsDirectory)
        {
            throw new FileFaultException(FileFault.NotDirectory);
        }

        var entries = new List<(uint, string)>();
        foreach (var path in Directory.EnumerateFileSystemEntries($"/proc/self/fd/{(int)folder.Handle.DangerousGetHandle()}"))
        {
            if (entries.Count == MostEntries)
            {
                throw new FileFaultException(FileFault.Quota);
            }

            var name = Path.GetFileName(path);
            try
            {
                entries.Add((folder.StatusAt(name, follow: false).Type, name));
            }
            catch (FileFaultException fault) when (fault.Fault == FileFault.NoEntry)
            {
                // Deleted between the listing and the look at it.
            }
        }

        return entries;
    }
}

internal sealed class FileInput(WasiDescriptor file, ulong offset) : WasiInput
{
    private ulong _offset = offset;

    public override ReadOnlyMemory<byte>? Read(int most)
    {
        var bytes = file.Read(_offset, (ulong)most);
        _offset += (ulong)bytes.Length;
        return bytes.IsEmpty && most > 0 ? null : bytes;
    }
}

internal sealed class FileOutput(WasiDescriptor file, ulong? offset) : WasiOutput
{
    private ulong? _offset = offset;

    public override bool Write(ReadOnlySpan<byte> bytes)
    {
        file.Write(bytes, _offset ?? file.Status.Size);
        _offset += (ulong)bytes.Length;
        return true;
    }
}
