using Gtc.Model;

namespace Gtc.Store;

/// <summary>
/// Replaces files so that a reader, and a machine that loses power at any moment, sees the old content or the new and never a
/// mixture: a temporary file beside the target, written and synced, renamed over it, then the folder synced.
/// </summary>
public sealed class AtomicFile
{
    /// <summary>How the names of temporary files end, so that what a crash leaves behind is recognised.</summary>
    public const string TemporarySuffix = ".gtc-tmp";

    /// <summary>Only the owner reads and writes.</summary>
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>A leftover this old belongs to nobody: a write takes far less.</summary>
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromHours(1);

    private readonly IFileCalls _calls;
    private readonly RandomSource _random;

    /// <summary>Makes a writer.</summary>
    /// <param name="random">Names temporary files.</param>
    public AtomicFile(RandomSource random)
        : this(LinuxFileCalls.Instance, random)
    {
    }

    internal AtomicFile(IFileCalls calls, RandomSource random)
    {
        _calls = calls;
        _random = random;
    }

    internal IFileCalls Calls => _calls;

    /// <summary>Replaces or makes a file; folders on the way are made for the owner alone.</summary>
    /// <param name="path">The absolute path.</param>
    /// <param name="bytes">The content.</param>
    /// <param name="mode">The permissions, see <see cref="Private"/>.</param>
    /// <returns>Null on success.</returns>
    public Refusal? Write(string path, ReadOnlySpan<byte> bytes, UnixFileMode mode)
    {
        try
        {
            Replace(path, bytes, mode);
            return null;
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store($"{Path.GetFileName(path)} could not be written", error);
        }
    }

    /// <summary>Replaces or makes a file.</summary>
    /// <param name="path">The absolute path.</param>
    /// <param name="bytes">The content.</param>
    /// <param name="mode">The permissions.</param>
    /// <param name="durability">What survives a power cut.</param>
    internal void Replace(string path, ReadOnlySpan<byte> bytes, UnixFileMode mode, Durability durability = Durability.Full)
    {
        var temporary = WriteTemporary(path, bytes, mode, durability != Durability.None);
        try
        {
            _calls.Rename(temporary, path);
        }
        catch (FileCallException)
        {
            Discard(temporary);
            throw;
        }

        if (durability == Durability.Full)
        {
            _calls.SyncFolder(Folder(path));
        }
    }

    /// <summary>Makes a file unless there is one already, which is then left alone.</summary>
    /// <returns>False when there is one.</returns>
    internal bool CreateNew(string path, ReadOnlySpan<byte> bytes, UnixFileMode mode)
    {
        var temporary = WriteTemporary(path, bytes, mode, isSynced: true);
        bool created;
        try
        {
            created = _calls.Link(temporary, path);
        }
        finally
        {
            Discard(temporary);
        }

        _calls.SyncFolder(Folder(path));
        return created;
    }

    /// <summary>Gives a file a second name, or copies it where the file system has no second names.</summary>
    /// <returns>False when the name is taken.</returns>
    internal bool LinkOrCopy(string source, string target)
    {
        try
        {
            return _calls.Link(source, target);
        }
        catch (FileCallException error) when (error.Errno is Errno.NotPermitted or Errno.NotSupported or Errno.OtherDevice or Errno.TooManyNames)
        {
            return Copy(source, target);
        }
    }

    /// <summary>Removes a file; one that is absent is not an error.</summary>
    internal void Delete(string path)
    {
        if (_calls.Unlink(path))
        {
            _calls.SyncFolder(Folder(path));
        }
    }

    /// <summary>Makes a folder and the ones above it, for the owner alone, and makes their names durable.</summary>
    internal void EnsureFolder(string folder)
    {
        if (_calls.Status(folder, followLinks: true) is not null)
        {
            return;
        }

        var parent = Folder(folder);
        EnsureFolder(parent);
        if (_calls.MakeFolder(folder))
        {
            _calls.SyncFolder(parent);
        }
    }

    /// <summary>Removes what writers that died left in a folder. Best effort: a leftover takes room and does no harm.</summary>
    internal void Sweep(string folder, DateTimeOffset now)
    {
        try
        {
            foreach (var leftover in FolderListing.Files(folder, "*" + TemporarySuffix))
            {
                if (_calls.Status(leftover, followLinks: false) is { IsRegular: true } status && now - status.ModifiedAt > AbandonedAfter)
                {
                    _calls.Unlink(leftover);
                }
            }
        }
        catch (FileCallException)
        {
            // The next change sweeps again.
        }
    }

    /// <summary>The whole file, or null when there is none.</summary>
    /// <exception cref="FileCallException">It cannot be read, or is no file.</exception>
    internal byte[]? Read(string path, int most)
    {
        if (_calls.Status(path, followLinks: true) is not { } status)
        {
            return null;
        }

        if (!status.IsRegular)
        {
            throw new FileCallException("read", path, status.IsFolder ? Errno.IsFolder : Errno.Invalid);
        }

        using var file = _calls.Open(path, OpenWay.Read, UnixFileMode.None);
        var length = _calls.Status(file, path).Size;
        if (length > most)
        {
            throw new FileCallException("read", path, Errno.TooLarge);
        }

        var bytes = new byte[length];
        var read = _calls.Read(file, bytes, 0, path);
        return read == length ? bytes : bytes[..read];
    }

    private static string Folder(string path) =>
        Path.GetDirectoryName(path) ?? throw new ArgumentException($"`{path}` has no folder.", nameof(path));

    private bool Copy(string source, string target)
    {
        if (_calls.Status(target, followLinks: false) is not null)
        {
            return false;
        }

        var content = Read(source, Documents.MaxBytes) ?? throw new FileCallException("read", source, Errno.NotFound);
        Replace(target, content, Private);
        return true;
    }

    private string WriteTemporary(string path, ReadOnlySpan<byte> bytes, UnixFileMode mode, bool isSynced)
    {
        EnsureFolder(Folder(path));
        Span<byte> unique = stackalloc byte[8];
        _random(unique);
        var temporary = Path.Combine(Folder(path), $".{Path.GetFileName(path)}.{Convert.ToHexStringLower(unique)}{TemporarySuffix}");
        using var file = _calls.Open(temporary, OpenWay.CreateNew, mode);
        try
        {
            _calls.Write(file, bytes, temporary);
            if (isSynced)
            {
                _calls.Sync(file, temporary);
            }
        }
        catch (FileCallException)
        {
            Discard(temporary);
            throw;
        }

        return temporary;
    }

    /// <summary>Best effort: the error that led here is the one to report, and a leftover is swept later.</summary>
    private void Discard(string temporary)
    {
        try
        {
            _calls.Unlink(temporary);
        }
        catch (FileCallException)
        {
            // See above.
        }
    }
}
