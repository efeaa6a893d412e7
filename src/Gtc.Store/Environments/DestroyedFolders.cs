using System.Globalization;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>
/// What becomes of destroyed environments: <c>.destroyed/&lt;env&gt;-&lt;time&gt;/</c> below the store root. An environment's folder is
/// moved there whole by one rename, which is the moment of its end; then everything in it but <c>audit/</c> is removed. What a
/// killed process left of that is removed by the next one.
/// </summary>
internal sealed class DestroyedFolders(StoreLayout store, AtomicFile atomic)
{
    /// <summary>What is kept of an environment.</summary>
    public const string Kept = "audit";

    private const string Stamp = "yyyyMMdd'T'HHmmssfffffff'Z'";
    private const int MostNames = 1024;

    private readonly IFileCalls _calls = atomic.Calls;

    private string Root => store.Destroyed;

    /// <summary>The names in an environment's folder that a destroy removes, in order.</summary>
    public static IReadOnlyList<string> Contents(string folder) =>
        [.. FolderListing.Entries(folder).Select(entry => Path.GetFileName(entry)).Where(name => name is not (Kept or ".lock")).Order(StringComparer.Ordinal)];

    /// <summary>Moves an environment's folder out of the store. Its lock is held by the caller.</summary>
    /// <returns>Where it is now.</returns>
    public string Move(EnvironmentLayout layout, DateTimeOffset now)
    {
        atomic.EnsureFolder(Root);
        var target = FreeName(layout.Id, now);
        _calls.Rename(layout.Folder, target);
        _calls.SyncFolder(Root);
        _calls.SyncFolder(store.Root);
        return target;
    }

    /// <summary>Removes everything but the audit log from a folder that was moved. Links are removed, not followed.</summary>
    public void Empty(string folder)
    {
        foreach (var entry in FolderListing.Entries(folder).Where(entry => Path.GetFileName(entry) != Kept).Order(StringComparer.Ordinal))
        {
            FolderRemoval.Remove(_calls, entry);
        }

        _calls.SyncFolder(folder);
    }

    /// <summary>Moved folders of an environment that were not emptied to the end.</summary>
    public IReadOnlyList<string> Unfinished(EnvId environment) =>
        [.. FolderListing.Folders(Root).Where(folder => IsOf(environment, Path.GetFileName(folder)) && FolderListing.Entries(folder).Any(entry => Path.GetFileName(entry) != Kept)).Order(StringComparer.Ordinal)];

    /// <summary>The audit logs of what ended under an id, the newest first.</summary>
    public IReadOnlyList<string> Logs(EnvId environment) =>
        [.. FolderListing.Folders(Root).Where(folder => IsOf(environment, Path.GetFileName(folder))).OrderDescending(StringComparer.Ordinal).Select(folder => new EnvironmentLayout(environment, folder).AuditLog)];

    private static bool IsOf(EnvId environment, string name) =>
        name.StartsWith($"{environment}-", StringComparison.Ordinal)
        && DateTimeOffset.TryParseExact(name[(environment.ToString().Length + 1)..].Split('.')[0], Stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

    private string FreeName(EnvId environment, DateTimeOffset now)
    {
        var stem = Path.Combine(Root, $"{environment}-{now.ToUniversalTime().ToString(Stamp, CultureInfo.InvariantCulture)}");
        for (var number = 0; number < MostNames; number++)
        {
            var name = number == 0 ? stem : string.Create(CultureInfo.InvariantCulture, $"{stem}.{number}");
            if (_calls.Status(name, followLinks: false) is null)
            {
                return name;
            }
        }

        throw new FileCallException("rename", stem, Errno.Exists);
    }
}
