using System.Globalization;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>Reads and changes the files of one environment. Reading needs no lock; who changes them holds the environment's lock.</summary>
/// <remarks>References are checked where they enter; one that could leave the folder is a bug here and throws <see cref="ArgumentException"/>.</remarks>
public sealed class EnvironmentFiles
{
    private const int MaxBackupNames = 1024;

    private readonly AtomicFile _atomic;
    private readonly TimeProvider _time;

    /// <summary>Makes the files of an environment.</summary>
    /// <param name="layout">Where they lie.</param>
    /// <param name="time">Stamps backups.</param>
    /// <param name="random">Names temporary files.</param>
    public EnvironmentFiles(EnvironmentLayout layout, TimeProvider time, RandomSource random)
        : this(layout, new AtomicFile(random), time)
    {
    }

    internal EnvironmentFiles(EnvironmentLayout layout, AtomicFile atomic, TimeProvider time)
    {
        Layout = layout;
        _atomic = atomic;
        _time = time;
    }

    /// <summary>Where they lie.</summary>
    public EnvironmentLayout Layout { get; }

    internal AtomicFile Atomic => _atomic;

    /// <summary>The whole file, or null when there is none.</summary>
    /// <param name="reference">The path relative to the environment's folder, with slashes.</param>
    /// <param name="most">The most bytes to accept.</param>
    public Outcome<byte[]?> Read(string reference, int most)
    {
        try
        {
            return _atomic.Read(Layout.Resolve(reference), most);
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store($"{reference} could not be read", error);
        }
    }

    /// <summary>Replaces or makes a file atomically and durably; what it held before is kept in <c>backups/</c>.</summary>
    /// <param name="reference">The path relative to the environment's folder, with slashes.</param>
    /// <param name="bytes">The content.</param>
    /// <returns>Null on success.</returns>
    public Refusal? Replace(string reference, ReadOnlySpan<byte> bytes)
    {
        try
        {
            Keep(reference);
            _atomic.Replace(Layout.Resolve(reference), bytes, AtomicFile.Private);
            return null;
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store($"{reference} could not be written", error);
        }
    }

    /// <summary>Replaces or makes a file atomically and durably, without a backup.</summary>
    /// <param name="reference">The path relative to the environment's folder, with slashes.</param>
    /// <param name="bytes">The content.</param>
    /// <returns>Null on success.</returns>
    public Refusal? Write(string reference, ReadOnlySpan<byte> bytes) =>
        _atomic.Write(Layout.Resolve(reference), bytes, AtomicFile.Private);

    /// <summary>Removes a file; what it held is kept in <c>backups/</c>. One that is absent is not an error.</summary>
    /// <param name="reference">The path relative to the environment's folder, with slashes.</param>
    /// <returns>Null on success.</returns>
    public Refusal? Delete(string reference)
    {
        try
        {
            if (Keep(reference))
            {
                _atomic.Delete(Layout.Resolve(reference));
            }

            return null;
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store($"{reference} could not be removed", error);
        }
    }

    /// <summary>The newest backup of a file, or null.</summary>
    internal string? NewestBackup(string reference)
    {
        var stem = Layout.Resolve($"backups/{reference}");
        return FolderListing.Files(Path.GetDirectoryName(stem)!, Path.GetFileName(stem) + ".*.bak").Max(StringComparer.Ordinal);
    }

    /// <summary>Gives the present content a second name in <c>backups/</c>; false when there is none.</summary>
    /// <remarks>Files are only ever replaced by a rename, so the second name keeps the old content, whole, without copying or syncing.</remarks>
    private bool Keep(string reference)
    {
        var source = Layout.Resolve(reference);
        if (_atomic.Calls.Status(source, followLinks: true) is null)
        {
            return false;
        }

        // Ticks are 100 ns; the name has nanoseconds.
        var stamp = _time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'.'fffffff'00Z'", CultureInfo.InvariantCulture);
        var stem = Layout.Resolve($"backups/{reference}") + "." + stamp;
        _atomic.EnsureFolder(Path.GetDirectoryName(stem)!);
        for (var attempt = 0; attempt < MaxBackupNames; attempt++)
        {
            var suffix = attempt == 0 ? ".bak" : string.Create(CultureInfo.InvariantCulture, $".{attempt}.bak");
            if (_atomic.LinkOrCopy(source, stem + suffix))
            {
                return true;
            }
        }

        throw new FileCallException("backup", stem + ".bak", Errno.Exists);
    }
}
