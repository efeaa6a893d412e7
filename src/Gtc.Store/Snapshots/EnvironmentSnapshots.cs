using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>
/// Copies of an environment's documents, answers and secrets below <c>snapshots/&lt;id&gt;/</c> (store.md §6). A restore is an ordinary
/// change, so it is a generation of its own and is recorded. What it replaces is kept in <c>backups/</c>.
/// </summary>
/// <remarks>
/// Everything is read and checked before anything is written, and the document, which is the journal's, comes last: a restore that
/// was killed has put back some of the other files, and doing it again puts back the rest.
/// </remarks>
/// <param name="store">The store.</param>
/// <param name="check">Says whether a document, restored, may follow the present one.</param>
public sealed class EnvironmentSnapshots(FileEnvironmentStore store, DocumentCheck check)
{
    private const string Unfinished = ".new";

    /// <summary>Makes a snapshot.</summary>
    public Task<Outcome<SnapshotListing>> CreateAsync(EnvId environment, CancellationToken cancellationToken)
    {
        var intent = Intent(environment, "create", null);
        return store.MutateAsync<SnapshotListing>(intent, change => Guarded("a snapshot could not be made", () => Existing(change, environment).Then(document =>
        {
            using var held = HoldSecrets(change);
            return SnapshotFiles.Read(change.Files, document).Then<Mutation<SnapshotListing>>(files =>
            {
                var made = Write(change, files);
                return new Mutation<SnapshotListing>(made) { Target = Target(environment, made.Id) };
            });
        })), cancellationToken);
    }

    /// <summary>The snapshots of an environment, the oldest first; a folder that is not one is left out.</summary>
    public Task<Outcome<ImmutableArray<SnapshotListing>>> ListAsync(EnvId environment, CancellationToken cancellationToken) =>
        Task.FromResult(Guarded<ImmutableArray<SnapshotListing>>("snapshots could not be listed", () =>
        {
            var found = ImmutableArray.CreateBuilder<SnapshotListing>();
            foreach (var folder in FolderListing.Folders(store.Layout.Environment(environment).Snapshots).Order(StringComparer.Ordinal))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (Ulid.TryParse(Path.GetFileName(folder), out var id) && Manifest(environment, id).TryGet(out var manifest, out _))
                {
                    found.Add(Listing(id, manifest));
                }
            }

            return found.ToImmutable();
        }));

    /// <summary>Makes an environment what it was: its document, answers, messaging files and secrets. Trusted keys stay as they are.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="id">The snapshot.</param>
    /// <param name="idempotencyKey">The caller's key, or null.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    public Task<Outcome<SnapshotRestored>> RestoreAsync(EnvId environment, Ulid id, string? idempotencyKey, CancellationToken cancellationToken)
    {
        var intent = Intent(environment, "restore", id) with { IdempotencyKey = idempotencyKey };
        return store.MutateAsync<SnapshotRestored>(intent, change => Guarded("the snapshot could not be restored", () =>
            Existing(change, environment)
                .Then(_ => Manifest(environment, id))
                .Then(manifest => Contents(environment, id, manifest))
                .Then(files => Restore(change, id, files))), cancellationToken);
    }

    private static Outcome<EnvironmentDocument> Existing(MutationContext change, EnvId environment) => change.Current is { } document
        ? document
        : new Refusal.Missing($"environment `{environment}` does not exist") { Next = "gtc op env list" };

    private static MutationIntent Intent(EnvId environment, string verb, Ulid? id) => new(environment, "env.snapshot", verb, Target(environment, id));

    private static JsonObject Target(EnvId environment, Ulid? id)
    {
        var target = new JsonObject { ["environment_id"] = environment.ToString() };
        if (id is { } snapshot)
        {
            target["snapshot_id"] = snapshot.ToString();
        }

        return target;
    }

    private static Outcome<T> Guarded<T>(string attempt, Func<Outcome<T>> step)
    {
        try
        {
            return step();
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store(attempt, error);
        }
    }

    private static SnapshotListing Listing(Ulid id, SnapshotManifest manifest) =>
        new(id, manifest.CreatedAt ?? id.Time, manifest.EnvGeneration, manifest.Files.Count(file => file.Value));

    /// <summary>Writers of secrets do not take the environment's lock when they are of the existing runtime; null when there are no secrets.</summary>
    private IDisposable? HoldSecrets(MutationContext change) => SnapshotFiles.Secrets
        .Select(change.Files.Layout.Resolve)
        .FirstOrDefault(path => store.Atomic.Calls.Status(path, followLinks: true) is not null) is { } path
        ? new SecretsFileOnDisk(path, store.Atomic).Lock(change.Now)
        : null;

    /// <summary>Written beside and renamed, so that a snapshot is there whole or not at all.</summary>
    private SnapshotListing Write(MutationContext change, SortedDictionary<string, byte[]?> files)
    {
        var layout = change.Files.Layout;
        foreach (var leftover in FolderListing.Folders(layout.Snapshots).Where(folder => folder.EndsWith(Unfinished, StringComparison.Ordinal)))
        {
            FolderRemoval.Remove(store.Atomic.Calls, leftover);
        }

        var id = change.NewUlid();
        var folder = Path.Combine(layout.Snapshots, id.ToString());
        var manifest = SnapshotManifest.Of(layout.Id, files, change.Now, change.Generation);
        foreach (var (reference, bytes) in files)
        {
            if (bytes is not null)
            {
                store.Atomic.Replace(Path.Combine(folder + Unfinished, reference), bytes, AtomicFile.Private);
            }
        }

        store.Atomic.Replace(Path.Combine(folder + Unfinished, SnapshotManifest.FileName), manifest.ToFile(), AtomicFile.Private);
        store.Atomic.Calls.Rename(folder + Unfinished, folder);
        store.Atomic.Calls.SyncFolder(layout.Snapshots);
        return Listing(id, manifest);
    }

    private Outcome<SnapshotManifest> Manifest(EnvId environment, Ulid id)
    {
        var path = Path.Combine(store.Layout.Environment(environment).Snapshots, id.ToString(), SnapshotManifest.FileName);
        return store.Atomic.Read(path, SnapshotManifest.MaxBytes) is { } bytes
            ? SnapshotManifest.Parse(bytes, environment, path)
            : new Refusal.Missing($"environment `{environment}` has no snapshot {id}") { Next = $"gtc op env snapshot list {environment}" };
    }

    private Outcome<SortedDictionary<string, byte[]?>> Contents(EnvId environment, Ulid id, SnapshotManifest manifest)
    {
        var files = new SortedDictionary<string, byte[]?>(StringComparer.Ordinal);
        foreach (var (reference, isCaptured) in manifest.Files)
        {
            var path = Path.Combine(store.Layout.Environment(environment).Snapshots, id.ToString(), reference);
            var bytes = isCaptured ? store.Atomic.Read(path, Documents.MaxBytes) : null;
            if (isCaptured && bytes is null)
            {
                return new Refusal.StoreFailed($"snapshot {id} is damaged: {reference} is missing") { Details = [new("file", path)] };
            }

            if (bytes is not null && manifest.Digests?.GetValueOrDefault(reference) is { } digest && SnapshotManifest.Digest(bytes) is var found && found != digest)
            {
                return new Refusal.StoreFailed($"snapshot {id} is damaged: {reference} is not what was captured")
                {
                    Details = [new("file", path), new("expected", digest), new("found", found)],
                };
            }

            files[reference] = bytes;
        }

        return files;
    }

    private Outcome<Mutation<SnapshotRestored>> Restore(MutationContext change, Ulid id, SortedDictionary<string, byte[]?> files)
    {
        var parsed = Documents.Environment.Parse(files[EnvironmentLayout.DocumentName]!)
            .Then(document => new EnvironmentReader(change.Files).Check(document))
            .Then(document => SignedMembers.FollowTrustRoot(change.Files, document))
            .Then(document => check(change.Current!, document, change));
        if (!parsed.TryGet(out var document, out var refusal))
        {
            return refusal;
        }

        foreach (var reference in SnapshotFiles.LiveMessaging(change.Files.Layout))
        {
            files.TryAdd(reference, null);
        }

        using var held = HoldSecrets(change);
        var (restored, removed) = (new List<string> { EnvironmentLayout.DocumentName }, new List<string>());
        foreach (var (reference, bytes) in files.Where(file => file.Key is not (EnvironmentLayout.DocumentName or EnvironmentLayout.RuntimeConfigName)))
        {
            if (!Put(change.Files, reference, bytes).TryGet(out var isChanged, out refusal))
            {
                return refusal;
            }

            if (isChanged)
            {
                (bytes is null ? removed : restored).Add(reference);
            }
        }

        return new Mutation<SnapshotRestored>(new SnapshotRestored(id, change.NextGeneration, restored, removed))
        {
            Document = document,
            RefreshesRuntimeConfig = true,
            PreviousGeneration = change.Generation,
            NewGeneration = change.NextGeneration,
        };
    }

    /// <summary>Makes a file what it was; false when it is that already.</summary>
    private static Outcome<bool> Put(EnvironmentFiles files, string reference, byte[]? bytes)
    {
        if (!files.Read(reference, Documents.MaxBytes).TryGet(out var present, out var refusal))
        {
            return refusal;
        }

        if (present is null ? bytes is null : bytes is not null && present.AsSpan().SequenceEqual(bytes))
        {
            return false;
        }

        return (bytes is null ? files.Delete(reference) : files.Replace(reference, bytes)) is { } failed ? failed : true;
    }
}
