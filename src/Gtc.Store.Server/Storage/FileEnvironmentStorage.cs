using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store.Server;

/// <summary>The embedded engine: the file store of one folder, which one server holds at a time. <c>gtc op</c> may work on the same folder.</summary>
public sealed class FileEnvironmentStorage : IEnvironmentStorage
{
    /// <summary>How long after a change the files that people read may follow; the journal does not wait.</summary>
    private static readonly TimeSpan ViewsFollow = TimeSpan.FromMilliseconds(250);

    private readonly FileEnvironmentStore _store;
    private readonly IDisposable? _folderLock;
    private readonly TimeProvider _time;
    private readonly RandomSource _random;
    private readonly Tombstones _tombstones;
    private readonly FileFinalBackups _ended;
    private readonly NewestInFiles _newest;
    private readonly ConcurrentDictionary<EnvId, GenerationFeed> _feeds = new();

    private FileEnvironmentStorage(FileEnvironmentStore store, Tombstones tombstones, IDisposable? folderLock, TimeProvider time, RandomSource random) =>
        (_store, _newest, _tombstones, _folderLock, _time, _random, _ended) = (store, new NewestInFiles(store.Layout, store.LoadAsync), tombstones, folderLock, time, random, new FileFinalBackups(store, random));

    /// <summary>Opens a folder, which is made when absent.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="time">Stamps changes.</param>
    /// <param name="random">Makes ids.</param>
    /// <param name="warned">Told what a person should know although the store goes on.</param>
    /// <returns>The storage; or a conflict when another server has the folder.</returns>
    public static Outcome<FileEnvironmentStorage> Open(string folder, TimeProvider time, RandomSource random, Action<StoreWarning> warned) => Open(folder, time, random, warned, ViewsFollow);

    /// <summary>The same, with how long after a change the files that people read may follow.</summary>
    public static Outcome<FileEnvironmentStorage> Open(string folder, TimeProvider time, RandomSource random, Action<StoreWarning> warned, TimeSpan viewsFollow)
    {
        var layout = new StoreLayout(folder);
        return EnvironmentLock.TryTake(new EnvironmentLayout(EnvId.Local, Path.Combine(layout.Root, ".server")), random).Then(held => held is null
            ? new Refusal.Conflict($"another store server has {layout.Root}") { Next = "gtc store serve --data ANOTHER_FOLDER" }
            : (Outcome<FileEnvironmentStorage>)Opened(layout, time, random, warned, held, viewsFollow));
    }

    /// <summary>Opens a folder that a server may have at the same time, as <c>gtc op</c> does: each environment's own lock keeps both apart.</summary>
    public static FileEnvironmentStorage OpenBeside(string folder, TimeProvider time, RandomSource random, Action<StoreWarning> warned) => Opened(new StoreLayout(folder), time, random, warned, null, TimeSpan.Zero);

    private static FileEnvironmentStorage Opened(StoreLayout layout, TimeProvider time, RandomSource random, Action<StoreWarning> warned, IDisposable? folderLock, TimeSpan viewsFollow) =>
        new(new FileEnvironmentStore(layout, time, random) { ViewsFollow = viewsFollow, Warned = warned }, new Tombstones(layout, time, random), folderLock, time, random);

    /// <inheritdoc/>
    public IArtifactStorage Artifacts { get => field ??= new FileArtifactStorage(_store.Layout.Root, _time); }

    /// <inheritdoc/>
    public IUpkeepStorage Upkeep { get => field ??= new FileUpkeep(_store.Layout.Root, _random); }

    /// <inheritdoc/>
    public Task<Outcome<IReadOnlyList<EnvId>>> ListAsync(CancellationToken cancellationToken) => _store.ListAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome<IReadOnlyList<EnvId>>> ListAllAsync(CancellationToken cancellationToken) => Task.FromResult(_store.All());

    /// <inheritdoc/>
    public async Task<Outcome<StoredEnvironment>> ReadAsync(EnvId environment, ulong? generation, CancellationToken cancellationToken)
    {
        if (!(await _newest.ReadAsync(environment, cancellationToken)).TryGet(out var newest, out var refusal))
        {
            return refusal;
        }

        return generation is { } wanted && wanted != newest.Generation
            ? (await _store.LoadAtAsync(environment, wanted, cancellationToken)).Then<StoredEnvironment>(earlier => new StoredEnvironment(earlier, wanted))
            : newest;
    }

    /// <inheritdoc/>
    public async Task<Outcome<SideDocument?>> ReadSideAsync(EnvId environment, SideName name, CancellationToken cancellationToken) =>
        await _store.ExistsAsync(environment, cancellationToken) ? Side(_store.Files(environment), name) : Absent(environment);

    /// <inheritdoc/>
    public async Task<Outcome<ImmutableArray<SideName>>> ListSidesAsync(EnvId environment, string prefix, CancellationToken cancellationToken) =>
        await _store.ExistsAsync(environment, cancellationToken)
            ? _store.Sides(environment).Then<ImmutableArray<SideName>>(names => names.Where(name => name.ToString().StartsWith(prefix, StringComparison.Ordinal)).ToImmutableArray())
            : Absent(environment);

    /// <inheritdoc/>
    public async Task<Outcome<ImmutableArray<GenerationEntry>>> HistoryAsync(EnvId environment, int limit, ulong? before, CancellationToken cancellationToken) =>
        await _store.ExistsAsync(environment, cancellationToken) ? await _store.HistoryAsync(environment, limit, before, cancellationToken) : Absent(environment);

    /// <inheritdoc/>
    public async Task<Outcome<ImmutableArray<AuditEvent>>> AuditAsync(EnvId environment, AuditFilter filter, CancellationToken cancellationToken) =>
        await CaughtUpAsync(environment, cancellationToken) is { } refusal ? refusal : await new AuditTrail(_store).ReadAsync(environment, filter, cancellationToken);

    /// <inheritdoc/>
    public async Task<Outcome<IAuditReader>> OpenAuditAsync(EnvId environment, CancellationToken cancellationToken) =>
        await CaughtUpAsync(environment, cancellationToken) is { } refusal ? refusal : _store.OpenAudit(environment).Then<IAuditReader>(pages => new FileAuditReader(pages));

    /// <inheritdoc/>
    public Task<Outcome<int>> BoundAuditAsync(EnvId environment, int most, PrivateKey key, CancellationToken cancellationToken) => _store.BoundAuditAsync(environment, most, key, cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome<int>> BoundHistoryAsync(EnvId environment, ulong keep, CancellationToken cancellationToken) => _store.BoundHistoryAsync(environment, keep, cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome<EnvironmentImage>> CaptureAsync(EnvId environment, CancellationToken cancellationToken) => _store.CaptureAsync(environment, cancellationToken);

    /// <inheritdoc/>
    public async Task<Outcome<CommittedChange>> CommitAsync(ChangeRequest request, Func<ChangeContext, Outcome<Change>> change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(change);
        var done = await _store.CommitAsync(request.ToIntent(), StorageJson.Default.KeptAnswer, context => Run(context, request, change), cancellationToken);
        if (!done.TryGet(out var committed, out var refusal))
        {
            return refusal;
        }

        var place = committed.Place;
        if (!place.IsReplay)
        {
            Feed(request.Environment).Publish(new WatchedGeneration(place.Generation, committed.Answer.Etag));
        }

        return new CommittedChange(committed.Answer.Answer, place.Generation, committed.Answer.Etag, place.Audit, place.IsReplay);
    }

    /// <inheritdoc/>
    public async Task<Outcome<CommittedChange>> RemoveAsync(ChangeRequest request, Func<ChangeContext, Outcome<Change>> change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(change);
        if (await EndedAsync(request, cancellationToken) is { } ended)
        {
            return ended;
        }

        FinalBackup? final = null;
        var done = await _store.RemoveAsync(
            request.ToIntent(),
            context => Step(context, request.Environment, change, () => _store.CaptureEnding(request.Environment, static name => !KeptBackups.IsOne(name), FinalBackup.MostBytes)).Then<Mutation<KeptAnswer>>(asked =>
            {
                final = asked.Final;
                return new Mutation<KeptAnswer>(new KeptAnswer(asked.Answer, string.Empty))
                {
                    PreviousGeneration = context.Generation,
                    NewGeneration = context.NextGeneration,
                    Target = asked.Target,
                };
            }),
            removed => (final is null ? null : _ended.Save(final)) ?? _tombstones.Save(request.Environment, new Tombstone(removed.Place.Generation + 1, request.Key, request.Fingerprint, removed.Answer, AuditOf(removed.Place))),
            cancellationToken);
        return done.Then<CommittedChange>(removed =>
        {
            var generation = removed.Place.Generation + 1;
            Feed(request.Environment).Publish(new WatchedGeneration(generation, string.Empty));
            return new CommittedChange(removed.Answer.Answer, generation, string.Empty, removed.Place.Audit, IsReplay: false);
        });
    }

    /// <inheritdoc/>
    public Task<Outcome<ImmutableArray<BackupManifest>>> ListEndedAsync(EnvId? environment, CancellationToken cancellationToken) => Task.FromResult(_ended.List().Then<ImmutableArray<BackupManifest>>(all =>
        environment is { } one ? all.RemoveAll(manifest => manifest.EnvId != one.ToString()) : all));

    /// <inheritdoc/>
    public Task<Outcome<EnvironmentImage>> ReadEndedAsync(string backupId, CancellationToken cancellationToken) => Task.FromResult(_ended.Read(backupId));

    /// <inheritdoc/>
    public Task<Outcome<ImmutableArray<string>>> ReadEndedArtifactsAsync(string backupId, CancellationToken cancellationToken) => Task.FromResult(_ended.ReadArtifacts(backupId));

    /// <inheritdoc/>
    public async Task<Refusal?> RecordDenialAsync(ChangeRequest denied, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(denied);
        var refusal = new Refusal.Unauthorized(denied.Authorization.Reason);
        if (denied.Actor.User is null)
        {
            return _store.RecordBeside(denied.ToIntent(), refusal);
        }

        var answered = await _store.MutateAsync<bool>(denied.ToIntent(), _ => refusal, cancellationToken);
        return answered.Refusal is { Details.IsEmpty: false } unrecorded ? unrecorded : null;
    }

    /// <inheritdoc/>
    public Task<WatchedGeneration> WaitAsync(EnvId environment, ulong after, CancellationToken cancellationToken) => Feed(environment).WaitAsync(after, cancellationToken);

    /// <inheritdoc/>
    public Task<Refusal?> ProbeAsync(CancellationToken cancellationToken)
    {
        var probe = Path.Combine(_store.Layout.Root, ".server", "probe");
        try
        {
            File.WriteAllBytes(probe, []);
            return Task.FromResult<Refusal?>(null);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Task.FromResult<Refusal?>(new Refusal.StoreFailed("the store's folder cannot be written"));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folderLock?.Dispose();
    }

    /// <summary>The log is a view and may be behind the answers that were given.</summary>
    private async Task<Refusal?> CaughtUpAsync(EnvId environment, CancellationToken cancellationToken) =>
        await _store.ExistsAsync(environment, cancellationToken) ? (await _store.CatchUpAsync(environment, cancellationToken)).Refusal : Absent(environment);

    private static Refusal.Missing Absent(EnvId environment) => new($"environment `{environment}` does not exist");

    private static JsonElement AuditOf(CommittedPlace place)
    {
        using var line = JsonDocument.Parse(place.Audit);
        return line.RootElement.Clone();
    }

    private Outcome<Mutation<KeptAnswer>> Run(MutationContext context, ChangeRequest request, Func<ChangeContext, Outcome<Change>> step)
    {
        if (!FormerEnd(context, request).TryGet(out var ended, out var refusal)
            || !Step(context, request.Environment, step).TryGet(out var change, out refusal))
        {
            return refusal;
        }

        var next = Math.Max(Math.Max(context.Generation, ended), change.Image?.Generation ?? 0) + 1;
        var document = change.Document is { } made ? made with { EnvGeneration = next } : null;
        if (document is not null && EnvironmentRules.Validate(document) is { } broken)
        {
            return broken;
        }

        return WriteBeside(context.Files, change) is { } unwritten ? unwritten : new Mutation<KeptAnswer>(new KeptAnswer(change.Answer, StoredEnvironment.EtagOf((document ?? context.Current)!)))
        {
            Document = change.Document,
            Generation = document is null ? null : next,
            Origin = change.Image,
            RefreshesRuntimeConfig = change.Document is not null,
            PreviousGeneration = context.Current is null ? null : context.Generation,
            NewGeneration = document is null ? context.Generation : next,
            Target = change.Target,
            Recorded = change.Recorded,
        };
    }

    private Outcome<Change> Step(MutationContext context, EnvId environment, Func<ChangeContext, Outcome<Change>> step, Func<Outcome<EndingEnvironment>>? capture = null)
    {
        Outcome<SideDocument?> SideOf(SideName name) => context.Current is null ? (SideDocument?)null : Side(context.Files, name);
        return SideOf(SideName.TrustRoot).Then(TypedSides.TrustRoot).Then(root => step(new ChangeContext
        {
            Current = context.Current,
            Generation = context.Generation,
            TrustRoot = root,
            Now = context.Now,
            NewUlid = context.NewUlid,
            Side = SideOf,
            Capture = capture,
            DocumentAt = generation => _store.DocumentAt(environment, generation),
        }));
    }

    /// <summary>With which generation an environment of this id ended, where there is none now; 0 when none did.</summary>
    private Outcome<ulong> FormerEnd(MutationContext context, ChangeRequest request) => context.Current is not null ? 0ul : _tombstones.Load(request.Environment).Then(ended =>
        ended is null ? 0ul
        : ended.Key is { } key && key == request.Key ? Taken(key)
        : (Outcome<ulong>)ended.Generation);

    private static Refusal.Conflict Taken(string key) => new($"idempotency key `{key}` was used before, and it was for the end of the environment");

    /// <summary>The answer of a removal under its key; null where there is an environment, or its like was never removed under this key.</summary>
    private async Task<Outcome<CommittedChange>?> EndedAsync(ChangeRequest request, CancellationToken cancellationToken)
    {
        if (await _store.ExistsAsync(request.Environment, cancellationToken))
        {
            return null;
        }

        if (!_tombstones.Load(request.Environment).TryGet(out var ended, out var refusal))
        {
            return refusal;
        }

        return ended is null || ended.Key is not { } key || key != request.Key ? null
            : ended.Fingerprint != request.Fingerprint ? Taken(key)
            : new CommittedChange(ended.Answer.Answer, ended.Generation, ended.Answer.Etag, JsonMarshal.GetRawUtf8Value(ended.Audit).ToArray(), IsReplay: true);
    }

    private static Outcome<SideDocument?> Side(EnvironmentFiles files, SideName name) =>
        files.Read(name.ToString(), SideDocument.MaxBytes).Then<SideDocument?>(bytes => bytes is null ? null : new SideDocument(bytes));

    /// <summary>What lies beside the document goes first: without the journal's record nothing refers to it yet.</summary>
    private Refusal? WriteBeside(EnvironmentFiles files, Change change)
    {
        var sides = change.Sides;
        if (change.Image is { } image)
        {
            if (!_store.Sides(files.Layout.Id).TryGet(out var present, out var refusal))
            {
                return refusal;
            }

            sides = present.Where(name => !image.Sides.ContainsKey(name)).ToImmutableSortedDictionary(name => name, _ => (byte[]?)null)
                .AddRange(image.Sides.Select(side => KeyValuePair.Create(side.Key, (byte[]?)side.Value.ToArray())))
                .SetItems(sides);
        }

        return sides.Select(side => side.Value is { } bytes ? files.Replace(side.Key.ToString(), bytes) : files.Delete(side.Key.ToString())).FirstOrDefault(refusal => refusal is not null);
    }

    private GenerationFeed Feed(EnvId environment) => _feeds.GetOrAdd(environment, id => new GenerationFeed(
        _store.Layout.Environment(id).Document,
        async stop => (await ReadAsync(id, null, stop)).Match(stored => new WatchedGeneration(stored.Generation, stored.Etag), _ => (WatchedGeneration?)null),
        _time));
}
