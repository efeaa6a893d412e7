using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>Sets a legacy folder of deployment state aside, <c>deploy/&lt;provider&gt;/&lt;tenant&gt;/&lt;env&gt;/&lt;scope&gt;</c> (store.md §7.2). Its contents are not copied.</summary>
/// <param name="store">The store.</param>
/// <param name="stateFolder">The folder that has <c>deploy</c>, absolute.</param>
public sealed class StateMigration(FileEnvironmentStore store, string stateFolder)
{
    private const int MostListed = 20;

    private string Deploy => Path.Combine(stateFolder, "deploy");

    private IFileCalls Calls => store.Atomic.Calls;

    /// <summary>Looks at the folder; links in it are not followed.</summary>
    public StateScan Scan()
    {
        try
        {
            if (Calls.Status(Deploy, followLinks: false) is not { } status)
            {
                return new StateScan(0, []);
            }

            if (!status.IsFolder)
            {
                return new StateScan(0, [MigrationFinding.Blocking("legacy-deploy-unreadable", Deploy, $"{Deploy} is not a folder{(status.IsSymbolicLink ? " but a link, which is not followed" : "")}")]);
            }

            var tuples = Below(Deploy).SelectMany(Below).SelectMany(Below).ToList();
            var leaves = tuples.Sum(tuple => Below(tuple).Count);
            var listed = string.Join(", ", tuples.Take(MostListed).Select(tuple => Path.GetRelativePath(Deploy, tuple)));
            var more = tuples.Count > MostListed ? $" and {tuples.Count - MostListed} more" : "";
            return new StateScan(leaves, [MigrationFinding.Info("legacy-deploy-tree", Deploy, tuples.Count == 0 ? "the legacy tree is empty" : $"{leaves} scopes of {listed}{more}")]);
        }
        catch (FileCallException error)
        {
            return new StateScan(0, [MigrationFinding.Blocking("legacy-deploy-unreadable", error.Path, error.Message)]);
        }
    }

    /// <summary>Sets it aside. Doing it again does nothing.</summary>
    public Task<Outcome<StateMigrated>> ApplyAsync(EnvId environment, CancellationToken cancellationToken)
    {
        var intent = new MutationIntent(environment, "env", "migrate-state", new JsonObject { ["state_dir"] = stateFolder });
        return store.MutateAsync<StateMigrated>(intent, change =>
        {
            if (change.Current is null)
            {
                return new Refusal.Missing($"environment `{environment}` does not exist") { Next = $"gtc op env create {environment}" };
            }

            try
            {
                return SetAside(change.Now).Then<Mutation<StateMigrated>>(done => new Mutation<StateMigrated>(done));
            }
            catch (FileCallException error)
            {
                return FileRefusals.Store($"{Deploy} could not be set aside", error);
            }
        }, cancellationToken);
    }

    private Outcome<StateMigrated> SetAside(DateTimeOffset now)
    {
        if (Calls.Status(Deploy, followLinks: false) is null)
        {
            return new StateMigrated(null, 0);
        }

        var lockPath = Path.Combine(stateFolder, ".migrate-state.lock");
        using var held = Calls.Open(lockPath, OpenWay.Append, AtomicFile.Private);
        Calls.Lock(held, wait: true, lockPath);
        var scan = Scan();
        if (MigrationFinding.Refuse(scan.Findings) is { } blocked)
        {
            return blocked;
        }

        if (Calls.Status(Deploy, followLinks: false) is null)
        {
            return new StateMigrated(null, 0);
        }

        var aside = MigrationFinding.Aside(Path.Combine(stateFolder, ".deploy-migrated-"), now);
        Calls.Rename(Deploy, aside);
        Calls.SyncFolder(stateFolder);
        return Calls.Status(Deploy, followLinks: false) is null
            ? new StateMigrated(aside, scan.Leaves)
            : new Refusal.Conflict($"{Deploy} was set aside and is there again: something still writes there") { Details = [new("set aside", aside)] };
    }

    private List<string> Below(string folder) =>
        [.. FolderListing.Folders(folder).Where(path => Calls.Status(path, followLinks: false) is { IsFolder: true }).Order(StringComparer.Ordinal)];
}
