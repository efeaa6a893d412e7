using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gtc.Fleet.Operator;

/// <summary>A checkpoint in a folder: each value is written beside, flushed and swapped in by rename; the folder is flushed once at the end.</summary>
internal sealed partial class FolderCheckpointStore : ICheckpointStore
{
    private const int ReadOnly = 0;
    private const int Folder = 0x10000;
    private const string LockName = "lock";
    private readonly string _folder;

    public FolderCheckpointStore(string folder)
    {
        Directory.CreateDirectory(folder);
        _folder = folder;
    }

    public async Task<StoredValue> ReadAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            var bytes = await File.ReadAllBytesAsync(Path.Combine(_folder, key), cancellationToken);
            return new StoredValue(bytes, RevisionOf(bytes));
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return default;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new StoredValue(null, 0, error.Message);
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

    /// <summary>Whoever else shares the folder is kept out by a lock of the file system between the comparison and the rename, and for no longer.</summary>
    public async Task<Replacement> ReplaceAsync(string key, byte[] value, ulong revision, CancellationToken cancellationToken)
    {
        try
        {
            await using var alone = new FileStream(Path.Combine(_folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var now = await ReadAsync(key, cancellationToken);
            return now.Error is not null ? new Replacement(0, Error: now.Error)
                : now.Revision != revision ? new Replacement(0, IsConflict: true)
                : new Replacement(RevisionOf(value), Error: await WriteAsync([KeyValuePair.Create(key, value)], cancellationToken));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Replacement(0, Error: error.Message);
        }
    }

    public Task SweepAsync(string prefix, Func<string, bool> isWanted, CancellationToken cancellationToken)
    {
        foreach (var path in Directory.EnumerateFiles(_folder, $"{prefix}*").Where(path => !isWanted(Path.GetFileName(path))))
        {
            File.Delete(path);
        }

        return Task.CompletedTask;
    }

    /// <summary>Headers count up, so that no two of a key have the same bytes.</summary>
    private static ulong RevisionOf(byte[] bytes) => ((ulong)bytes.Length << 32) | CheckpointHeader.Crc(bytes);

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
