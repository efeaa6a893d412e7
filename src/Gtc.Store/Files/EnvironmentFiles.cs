using System.Globalization;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>Reads and changes the files of one environment. Reading needs no lock; who changes them holds the environment's lock.</summary>
/// <remarks>References are checked where they enter; one that could leave the folder is a bug here and throws <see cref="ArgumentException"/>.</remarks>
public sealed class EnvironmentFiles
{
    /// <summary>How many backups of one file are kept when nothing else is said; the oldest go first.</summary>
    public const int DefaultBackupsPerFile = 100;

    private const int MaxBackupNames = 1024;

    private readonly AtomicFile _atomic;
    private readonly TimeProvider _time;
    private readonly int _backupsPerFile;
    private readonly Dictionary<string, KnownFolder> _known = new(StringComparer.Ordinal);

    /// <summary>Makes the files of an environment.</summary>
    /// <param name="layout">Where they lie.</param>
    /// <param name="time">Stamps backups.</param>
    /// <param name="random">Names temporary files.</param>
    public EnvironmentFiles(EnvironmentLayout layout, TimeProvider time, RandomSource random)
        : this(layout, new AtomicFile(random), time)
    {
    }

    internal EnvironmentFiles(EnvironmentLayout layout, AtomicFile atomic, TimeProvider time, int backupsPerFile = DefaultBackupsPerFile)
    {
        Layout = layout;
        _atomic = atomic;
        _time = time;
        _backupsPerFile = backupsPerFile;
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
    public Refusal? Replace(string reference, ReadOnlySpan<byte> bytes) => Replace(reference, bytes, Durability.Full);

    /// <summary>Replaces or makes a file atomically; what it held before is kept in <c>backups/</c>.</summary>
    internal Refusal? Replace(string reference, ReadOnlySpan<byte> bytes, Durability durability)
    {
        try
        {
            Keep(reference);
            _atomic.Replace(Layout.Resolve(reference), bytes, AtomicFile.Private, durability);
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
    internal string? NewestBackup(string reference) => BackupNames.Of(Layout.Resolve($"backups/{reference}")) is [.., var newest] ? newest : null;

    /// <summary>Lists backups anew before the next one: another process changed the environment.</summary>
    internal void ForgetBackups() => _known.Clear();

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
        var stem = Layout.Resolve($"backups/{reference}");
        _atomic.EnsureFolder(Path.GetDirectoryName(stem)!);
        var known = Known(Path.GetDirectoryName(stem)!);
        var backups = known.BackupsOf(stem);
        var number = BackupNames.Next(backups, stem, stamp);
        for (var attempt = 0; attempt < MaxBackupNames; attempt++)
        {
            var name = BackupNames.Name(stem, stamp, number + attempt);
            if (_atomic.LinkOrCopy(source, name))
            {
                backups.Add(name);
                Forget(backups);
                known.ModifiedAt = ModifiedAt(Path.GetDirectoryName(stem)!);
                return true;
            }
        }

        throw new FileCallException("backup", BackupNames.Name(stem, stamp, 0), Errno.Exists);
    }

    /// <summary>What a folder of backups is known to hold; listing a hundred names is more work than most changes. Nothing, when another was seen to change it: times are too coarse to tell alone, so <see cref="ForgetBackups"/> tells too.</summary>
    private KnownFolder Known(string folder)
    {
        if (!_known.TryGetValue(folder, out var known) || known.ModifiedAt != ModifiedAt(folder))
        {
            _known[folder] = known = new KnownFolder();
        }

        return known;
    }

    private DateTimeOffset? ModifiedAt(string folder) => _atomic.Calls.Status(folder, followLinks: true)?.ModifiedAt;

    /// <summary>Removes the oldest backups beyond the bound. Best effort: one too many does no harm.</summary>
    private void Forget(List<string> backups)
    {
        try
        {
            while (backups.Count > _backupsPerFile)
            {
                _atomic.Calls.Unlink(backups[0]);
                backups.RemoveAt(0);
            }
        }
        catch (FileCallException)
        {
            // The next backup tries again.
        }
    }

    private sealed class KnownFolder
    {
        private readonly Dictionary<string, List<string>> _backups = new(StringComparer.Ordinal);

        /// <summary>When the folder was last changed here.</summary>
        public DateTimeOffset? ModifiedAt { get; set; }

        /// <summary>The backups of one file, oldest first.</summary>
        public List<string> BackupsOf(string stem) => _backups.TryGetValue(stem, out var names) ? names : _backups[stem] = BackupNames.Of(stem);
    }
}
