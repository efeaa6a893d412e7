using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gtc.Fleet.Agent.Storage;

/// <summary>Files that are either as they were or as they are to be, whenever the power goes: written beside, synced, renamed, and the folder synced.</summary>
internal static partial class DurableFiles
{
    private const int CloseOnExec = 0x80000;

    /// <exception cref="IOException">The disk is full or fails; what was there before is still there.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        var folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        var beside = path + ".new";
        try
        {
            using (var file = new FileStream(beside, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = mode, BufferSize = 0 }))
            {
                // A file of a crash keeps its old mode; and the mode is not narrowed by the process's mask.
                File.SetUnixFileMode(file.SafeFileHandle, mode);
                file.Write(bytes);
                Sync(file.SafeFileHandle, beside);
            }

            File.Move(beside, path, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }

        SyncFolder(folder);
    }

    /// <summary>Deletes a file that may be there.</summary>
    public static void Delete(string path)
    {
        if (File.Exists(path))
        {
            File.Delete(path);
            SyncFolder(Path.GetDirectoryName(path)!);
        }
    }

    /// <summary>The bytes of a file; null when it is not there, cannot be read, or is larger than expected.</summary>
    public static byte[]? Read(string path, int most)
    {
        try
        {
            return new FileInfo(path) is { Exists: true } file && file.Length <= most ? File.ReadAllBytes(path) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void SyncFolder(string folder)
    {
        var descriptor = Open(folder, CloseOnExec, 0);
        if (descriptor < 0)
        {
            throw Failed("open", folder);
        }

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        Sync(handle, folder);
    }

    private static void Sync(SafeFileHandle file, string path)
    {
        if (Fsync(file) != 0)
        {
            throw Failed("fsync", path);
        }
    }

    private static IOException Failed(string call, string path) => new($"{call} of {path} failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle file);
}
