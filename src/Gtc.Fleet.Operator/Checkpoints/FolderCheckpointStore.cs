using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gtc.Fleet.Operator;

/// <summary>A checkpoint in a folder: each value is written beside, flushed and swapped in by rename; the folder is flushed once at the end.</summary>
internal sealed partial class FolderCheckpointStore : ICheckpointStore
{
    private const int ReadOnly = 0;
    private const int Folder = 0x10000;
    private readonly string _folder;

    public FolderCheckpointStore(string folder)
    {
        Directory.CreateDirectory(folder);
        _folder = folder;
    }

    public async Task<byte[]?> ReadAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(Path.Combine(_folder, key), cancellationToken);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public async Task<string?> WriteAsync(IReadOnlyCollection<KeyValuePair<string, byte[]>> values, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var (key, value) in values)
            {
                var path = Path.Combine(_folder, key);
                await using (var file = new FileStream(path + ".new", FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
                {
                    await file.WriteAsync(value, cancellationToken);
                    Flush(file.SafeFileHandle);
                }

                File.Move(path + ".new", path, overwrite: true);
            }

            using var folder = Open(_folder, ReadOnly | Folder);
            Flush(folder);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return error.Message;
        }
    }

    /// <summary>The framework's own flush was seen to swallow an error of the disk.</summary>
    private static void Flush(SafeFileHandle handle)
    {
        if (handle.IsInvalid || Synchronize(handle) != 0)
        {
            throw new IOException($"the checkpoint could not be flushed to the disk: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronize(SafeFileHandle handle);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);
}
