using System.Buffers;
using System.Security.Cryptography;
using Gtc.Model;
using Microsoft.Win32.SafeHandles;

namespace Gtc.Store;

/// <summary>
/// A file that is being received. What has arrived stays when the process is killed, so that the transfer goes on where it was cut; when it is
/// whole it is put in place by one rename. Nothing of it may be believed before its digest was compared.
/// </summary>
public sealed class PartialFile : IDisposable
{
    private const int BlockBytes = 256 << 10;

    private readonly IFileCalls _calls;
    private readonly SafeFileHandle _file;
    private readonly string _path;

    private PartialFile(IFileCalls calls, SafeFileHandle file, string path, long length)
    {
        _calls = calls;
        _file = file;
        _path = path;
        Length = length;
    }

    /// <summary>How many bytes have arrived.</summary>
    public long Length { get; private set; }

    /// <summary>Opens what arrived so far; file and folders are made for the owner alone when absent.</summary>
    /// <param name="path">The absolute path.</param>
    /// <param name="isAlone">Whether another process, or another opening with this one set, must not receive into it at the same time.</param>
    /// <returns>The file; <see cref="Refusal.Conflict"/> when another receives into it, <see cref="Refusal.StoreFailed"/> when it cannot be opened.</returns>
    public static Outcome<PartialFile> Open(string path, bool isAlone) => Open(path, isAlone, LinuxFileCalls.Instance);

    internal static Outcome<PartialFile> Open(string path, bool isAlone, IFileCalls calls)
    {
        ArgumentNullException.ThrowIfNull(path);
        SafeFileHandle? file = null;
        try
        {
            EnsureFolder(calls, Path.GetDirectoryName(path)!);
            file = calls.Open(path, OpenWay.Update, AtomicFile.Private);
            if (isAlone && !calls.Lock(file, wait: false, path))
            {
                file.Dispose();
                return new Refusal.Conflict($"another process receives into {path}");
            }

            return new PartialFile(calls, file, path, calls.Status(file, path).Size);
        }
        catch (FileCallException error)
        {
            file?.Dispose();
            return FileRefusals.Store($"{Path.GetFileName(path)} could not be opened", error);
        }
    }

    /// <summary>Adds what arrived.</summary>
    /// <returns>Null on success; else what was added may be there in part.</returns>
    public Refusal? Append(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _calls.WriteAt(_file, bytes, Length, _path);
            Length += bytes.Length;
            return null;
        }
        catch (FileCallException error)
        {
            return Unwritten(error);
        }
    }

    /// <summary>Forgets what arrived.</summary>
    /// <returns>Null on success.</returns>
    public Refusal? Restart()
    {
        try
        {
            _calls.Truncate(_file, 0, _path);
            Length = 0;
            return null;
        }
        catch (FileCallException error)
        {
            return Unwritten(error);
        }
    }

    /// <summary>Adds all that arrived to a digest.</summary>
    /// <returns>Null on success.</returns>
    public Refusal? AddTo(IncrementalHash hash)
    {
        ArgumentNullException.ThrowIfNull(hash);
        var block = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            for (var offset = 0L; offset < Length;)
            {
                var read = _calls.Read(_file, block.AsSpan(0, (int)Math.Min(block.Length, Length - offset)), offset, _path);
                if (read == 0)
                {
                    return new Refusal.StoreFailed($"{Path.GetFileName(_path)} became shorter while it was read");
                }

                hash.AppendData(block, 0, read);
                offset += read;
            }

            return null;
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store($"{Path.GetFileName(_path)} could not be read", error);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    /// <summary>The digest of all that arrived.</summary>
    public Outcome<Sha256Digest> Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        return AddTo(hash) is { } refusal ? refusal : Sha256Digest.FromBytes(hash.GetHashAndReset());
    }

    /// <summary>Makes it durable and gives it its name, in place of a file that has it already. Folders on the way are made.</summary>
    /// <param name="target">The absolute path, on the same file system.</param>
    /// <returns>Null on success.</returns>
    public Refusal? PutInPlace(string target)
    {
        ArgumentNullException.ThrowIfNull(target);
        try
        {
            var folder = Path.GetDirectoryName(target)!;
            EnsureFolder(_calls, folder);
            _calls.Sync(_file, _path);
            _calls.Rename(_path, target);
            _calls.SyncFolder(folder);
            return null;
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store($"{Path.GetFileName(target)} could not be put in place", error);
        }
    }

    /// <summary>Removes it.</summary>
    /// <returns>Null on success.</returns>
    public Refusal? Discard()
    {
        try
        {
            _calls.Unlink(_path);
            return null;
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store($"{Path.GetFileName(_path)} could not be removed", error);
        }
    }

    /// <summary>Closes it; what arrived stays.</summary>
    public void Dispose() => _file.Dispose();

    // Nothing random is drawn: a partial file has no temporary name.
    private static void EnsureFolder(IFileCalls calls, string folder) => new AtomicFile(calls, static _ => { }).EnsureFolder(folder);

    private Refusal.StoreFailed Unwritten(FileCallException error) => FileRefusals.Store($"{Path.GetFileName(_path)} could not be written", error);
}
