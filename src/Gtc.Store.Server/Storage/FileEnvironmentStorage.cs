using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store.Server;

/// <summary>The embedded engine: the file store of one folder, which one server holds at a time. <c>gtc op</c> may work on the same folder.</summary>
public sealed class FileEnvironmentStorage : IEnvironmentStorage
{
    /// <summary>How long after a change the files that people read may follow; the journal does not wait.</summary>
    private static readonly TimeSpan ViewsFollow = TimeSpan.FromMilliseconds(50);

    private readonly FileEnvironmentStore _store;
    private readonly IDisposable _folderLock;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<EnvId, GenerationFeed> _feeds = new();

    private FileEnvironmentStorage(FileEnvironmentStore store, IDisposable folderLock, TimeProvider time) => (_store, _folderLock, _time) = (store, folderLock, time);

    /// <summary>Opens a folder, which is made when absent.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="time">Stamps changes.</param>
    /// <param name="random">Makes ids.</param>
    /// <param name="warned">Told what a person should know although the store goes on.</param>
    /// <returns>The storage; or a conflict when another server has the folder.</returns>
    public static Outcome<FileEnvironmentStorage> Open(string folder, TimeProvider time, RandomSource random, Action<StoreWarning> warned)
    {
        var layout = new StoreLayout(folder);
        return EnvironmentLock.TryTake(new EnvironmentLayout(EnvId.Local, Path.Combine(layout.Root, ".server")), random).Then(held => held is null
            ? new Refusal.Conflict($"another store server has {layout.Root}") { Next = "gtc store serve --data ANOTHER_FOLDER" }
            : (Outcome<FileEnvironmentStorage>)new FileEnvironmentStorage(new FileEnvironmentStore(layout, time, random) { ViewsFollow = ViewsFollow, Warned = warned }, held, time));
    }

    /// <inheritdoc/>
    public IArtifactStorage Artifacts { get => field ??= new FileArtifactStorage(_store.Layout.Root, _time); }

    /// <inheritdoc/>
    public Task<Outcome<IReadOnlyList<EnvId>>> ListAsync(CancellationToken cancellationToken) => _store.ListAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task<Outcome<StoredEnvironment>> ReadAsync(EnvId environment, ulong? generation, CancellationToken cancellationToken)
    {
        if (!(await _store.LoadAsync(environment, cancellationToken)).TryGet(out var document, out var refusal))
        {
            return refusal;
        }

        return generation is { } wanted && wanted != document.EnvGeneration
            ? (await _store.LoadAtAsync(environment, wanted, cancellationToken)).Then<StoredEnvironment>(earlier => new StoredEnvironment(earlier, wanted))
            : new StoredEnvironment(document, document.EnvGeneration ?? 0);
    }

    /// <inheritdoc/>
    public async Task<Outcome<TrustRoot?>> ReadTrustRootAsync(EnvId environment, CancellationToken cancellationToken) =>
        await _store.ExistsAsync(environment, cancellationToken) ? new TrustRootFile(_store.Files(environment)).Load() : Absent(environment);

    /// <inheritdoc/>
    public async Task<Outcome<EnvironmentRuntime?>> ReadRuntimeAsync(EnvId environment, CancellationToken cancellationToken) =>
        await _store.ExistsAsync(environment, cancellationToken) ? await _store.LoadRuntimeAsync(environment, cancellationToken) : Absent(environment);

    /// <inheritdoc/>
    public async Task<Outcome<ImmutableArray<GenerationEntry>>> HistoryAsync(EnvId environment, int limit, ulong? before, CancellationToken cancellationToken) =>
        await _store.ExistsAsync(environment, cancellationToken) ? await _store.HistoryAsync(environment, limit, before, cancellationToken) : Absent(environment);

    /// <inheritdoc/>
    public async Task<Outcome<ImmutableArray<AuditEvent>>> AuditAsync(EnvId environment, AuditFilter filter, CancellationToken cancellationToken)
    {
        if (!await _store.ExistsAsync(environment, cancellationToken))
        {
            return Absent(environment);
        }

        // The log is a view and may be behind the answers that were given.
        return (await _store.CatchUpAsync(environment, cancellationToken)).TryGet(out _, out var refusal)
            ? await new AuditTrail(_store).ReadAsync(environment, filter, cancellationToken)
            : refusal;
    }

    /// <inheritdoc/>
    public async Task<Outcome<CommittedChange>> CommitAsync(ChangeRequest request, Func<ChangeContext, Outcome<Change>> change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(change);
        var done = await _store.CommitAsync(Intent(request), StorageJson.Default.KeptAnswer, context => Run(context, request.Environment, change), cancellationToken);
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
    public async Task<Refusal?> RecordDenialAsync(ChangeRequest denied, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(denied);
        var refusal = new Refusal.Unauthorized(denied.Authorization.Reason);
        if (denied.Actor.User is null)
        {
            return _store.RecordBeside(Intent(denied), refusal);
        }

        var answered = await _store.MutateAsync<bool>(Intent(denied), _ => refusal, cancellationToken);
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
        _folderLock.Dispose();
    }

    private static Refusal.Missing Absent(EnvId environment) => new($"environment `{environment}` does not exist");

    private static MutationIntent Intent(ChangeRequest request) => new(request.Environment, request.Noun, request.Verb, request.Target)
    {
        IdempotencyKey = request.Key,
        Fingerprint = request.Fingerprint,
        Actor = request.Actor,
        Authorization = request.Authorization,
    };

    private Outcome<Mutation<KeptAnswer>> Run(MutationContext context, EnvId environment, Func<ChangeContext, Outcome<Change>> step)
    {
        if (!TrustOf(context).TryGet(out var root, out var refusal)
            || !step(new ChangeContext
            {
                Current = context.Current,
                Generation = context.Generation,
                TrustRoot = root,
                Now = context.Now,
                NewUlid = context.NewUlid,
                Runtime = () => context.Files.Read(EnvironmentLayout.RuntimeName, Documents.MaxBytes).Then(bytes => bytes is null
                    ? (EnvironmentRuntime?)null
                    : Documents.EnvironmentRuntime.Parse(bytes).Then<EnvironmentRuntime?>(runtime => runtime)),
                DocumentAt = generation => _store.DocumentAt(environment, generation),
            }).TryGet(out var change, out refusal))
        {
            return refusal;
        }

        var document = change.Document is { } made ? made with { EnvGeneration = context.NextGeneration } : null;
        if (document is not null && EnvironmentRules.Validate(document) is { } broken)
        {
            return broken;
        }

        return WriteBeside(context.Files, change) is { } unwritten ? unwritten : new Mutation<KeptAnswer>(new KeptAnswer(change.Answer, StoredEnvironment.EtagOf((document ?? context.Current)!)))
        {
            Document = change.Document,
            RefreshesRuntimeConfig = change.Document is not null,
            PreviousGeneration = context.Current is null ? null : context.Generation,
            NewGeneration = document is null ? context.Generation : context.NextGeneration,
            Target = change.Target,
            Recorded = change.Recorded,
        };
    }

    private static Outcome<TrustRoot?> TrustOf(MutationContext context) =>
        context.Current is null ? (TrustRoot?)null : new TrustRootFile(context.Files).Load();

    /// <summary>What lies beside the document goes first: without the journal's record nothing refers to it yet.</summary>
    private static Refusal? WriteBeside(EnvironmentFiles files, Change change) =>
        (change.TrustRoot is { } root ? new TrustRootFile(files).Save(root) : null)
        ?? (change.Policy is { } policy ? files.Write(policy.DocumentRef, policy.Document.AsSpan()) ?? files.Write(policy.PolicyRef, policy.Envelope.AsSpan()) : null)
        ?? (change.Runtime is { } runtime ? files.Write(EnvironmentLayout.RuntimeName, Documents.EnvironmentRuntime.ToFile(runtime)) : null);

    private GenerationFeed Feed(EnvId environment) => _feeds.GetOrAdd(environment, id => new GenerationFeed(
        _store.Layout.Environment(id).Document,
        async stop => (await ReadAsync(id, null, stop)).Match(stored => new WatchedGeneration(stored.Generation, stored.Etag), _ => (WatchedGeneration?)null),
        _time));
}
