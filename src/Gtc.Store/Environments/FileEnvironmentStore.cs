using System.Collections.Concurrent;
using System.Text.Json.Serialization.Metadata;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>
/// One folder per environment on a local disk (store.md §2 to §5). The journal is the truth: a change stands when its record
/// is flushed there. environment.json, the audit log, backups and runtime-config.json are views, written after it.
/// </summary>
/// <remarks>
/// A view that is late or damaged is written again at the next change; reading writes nothing and takes the journal's word.
/// A person may edit environment.json: an edit of the newest view, or a file without <c>env_generation</c>, is believed and
/// becomes a generation of its own, <c>env.hand-edit</c>, at the next change. An edit of an older view is late and is replaced;
/// it stays in <c>backups/</c>. A file that is newer than the journal is refused, since one of them is not of this environment.
/// </remarks>
public sealed partial class FileEnvironmentStore : IEnvironmentStore, IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly RandomSource _random;
    private readonly AtomicFile _atomic;
    private readonly ConcurrentDictionary<EnvId, MutationQueue> _queues = new();

    /// <summary>Opens a store; nothing is made on disk before the first change.</summary>
    /// <param name="layout">Where it lies.</param>
    /// <param name="time">Stamps changes.</param>
    /// <param name="random">Makes ids.</param>
    public FileEnvironmentStore(StoreLayout layout, TimeProvider time, RandomSource random)
        : this(layout, time, random, LinuxFileCalls.Instance)
    {
    }

    internal FileEnvironmentStore(StoreLayout layout, TimeProvider time, RandomSource random, IFileCalls calls)
    {
        Layout = layout;
        _time = time;
        _random = random;
        _atomic = new AtomicFile(calls, random);
    }

    /// <summary>Where it lies.</summary>
    public StoreLayout Layout { get; }

    /// <summary>Told what a person should know although the store went on: a torn journal line that was cut, a view that was written again, an edit by hand.</summary>
    public Action<StoreWarning> Warned { get; init; } = static _ => { };

    /// <summary>How many backups of one file are kept; the oldest go first.</summary>
    public int BackupsPerFile { get; init; } = EnvironmentFiles.DefaultBackupsPerFile;

    /// <summary>
    /// How long after a change its views may be written. Zero, for whoever makes one change: they are there when it is answered. More, for
    /// whoever makes many: the answer comes as soon as the journal is flushed, the lock is kept, and the views of all changes in that
    /// time are written once, before the lock is given up. Such a store must be disposed.
    /// </summary>
    public TimeSpan ViewsFollow { get; init; }

    internal AtomicFile Atomic => _atomic;

    internal DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>The files of an environment, to read them. Change them only inside a mutation.</summary>
    public EnvironmentFiles Files(EnvId environment) => new(Layout.Environment(environment), _atomic, _time, BackupsPerFile);

    /// <inheritdoc/>
    public Task<Outcome<IReadOnlyList<EnvId>>> ListAsync(CancellationToken cancellationToken)
    {
        var found = new List<EnvId>();
        try
        {
            foreach (var folder in FolderListing.Folders(Layout.Root))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (EnvId.TryParse(Path.GetFileName(folder), out var id) && IsListed(id))
                {
                    found.Add(id);
                }
            }
        }
        catch (FileCallException error)
        {
            return Task.FromResult<Outcome<IReadOnlyList<EnvId>>>(FileRefusals.Store("environments could not be listed", error));
        }

        found.Sort();
        return Task.FromResult<Outcome<IReadOnlyList<EnvId>>>(found);
    }

    /// <summary>As <see cref="ListAsync"/>, with those that cannot be read and may be repaired, and with folders that hold no environment after all: who reads them is told.</summary>
    public Outcome<IReadOnlyList<EnvId>> All()
    {
        try
        {
            return FolderListing.Folders(Layout.Root).Select(folder => EnvId.TryParse(Path.GetFileName(folder), out var id) ? id : (EnvId?)null).OfType<EnvId>().Order().ToList();
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store("environments could not be listed", error);
        }
    }

    /// <inheritdoc/>
    public Task<bool> ExistsAsync(EnvId environment, CancellationToken cancellationToken) => Task.FromResult(Exists(environment));

    /// <inheritdoc/>
    public Task<Outcome<EnvironmentDocument>> LoadAsync(EnvId environment, CancellationToken cancellationToken) =>
        Task.FromResult(new EnvironmentReader(Files(environment)).Load());

    /// <inheritdoc/>
    public Task<Outcome<EnvironmentRuntime?>> LoadRuntimeAsync(EnvId environment, CancellationToken cancellationToken) =>
        Task.FromResult(new EnvironmentReader(Files(environment)).LoadRuntime());

    /// <inheritdoc/>
    public Task<Outcome<T>> MutateAsync<T>(MutationIntent intent, Func<MutationContext, Outcome<Mutation<T>>> change, CancellationToken cancellationToken) =>
        EnqueueAsync(intent, null, change, cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome<T>> MutateAsync<T>(
        MutationIntent intent, JsonTypeInfo<T> answer, Func<MutationContext, Outcome<Mutation<T>>> change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return EnqueueAsync(intent, answer, change, cancellationToken);
    }

    /// <summary>As <see cref="MutateAsync{T}(MutationIntent, JsonTypeInfo{T}, Func{MutationContext, Outcome{Mutation{T}}}, CancellationToken)"/>, and says where the change stands.</summary>
    public async Task<Outcome<Committed<T>>> CommitAsync<T>(
        MutationIntent intent, JsonTypeInfo<T> answer, Func<MutationContext, Outcome<Mutation<T>>> change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(intent);
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(change);
        var pending = new PendingMutation<T>(intent, answer, change);
        var done = await Queue(intent.Environment).RunAsync(pending, cancellationToken);
        return done.Then(value => pending.Place is { } place
            ? new Committed<T>(value, place)
            : (Outcome<Committed<T>>)new Refusal.StoreFailed($"nothing was recorded in environment `{intent.Environment}`, which does not exist"));
    }

    /// <summary>The audit log of an environment as it is now, to be read page by page. Whoever wants the last lines in it catches up before.</summary>
    public Outcome<AuditPages> OpenAudit(EnvId environment)
    {
        try
        {
            return new AuditPages(_atomic.Calls, Layout.Environment(environment).AuditLog);
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store("the audit log could not be read", error);
        }
    }

    /// <summary>Records an attempt in the log of the whole store and not in the environment's, e.g. of a stranger to a server.</summary>
    /// <returns>Null when it is recorded.</returns>
    public Refusal? RecordBeside(MutationIntent intent, Refusal refusal)
    {
        ArgumentNullException.ThrowIfNull(intent);
        try
        {
            new AuditLog(_atomic).Append(Layout.AuditLog, AuditLines.Line(intent, new AttemptSummary { Refusal = refusal }, Now, _random));
            return null;
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store("the store's audit log could not be written", error);
        }
    }

    /// <summary>Writes the views that are late. A process that ends without it loses no change: the next one writes them.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var queue in _queues.Values)
        {
            await queue.DisposeAsync();
        }
    }

    private Task<Outcome<T>> EnqueueAsync<T>(
        MutationIntent intent, JsonTypeInfo<T>? answer, Func<MutationContext, Outcome<Mutation<T>>> change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(intent);
        ArgumentNullException.ThrowIfNull(change);
        return Queue(intent.Environment).RunAsync(new PendingMutation<T>(intent, answer, change), cancellationToken);
    }

    private MutationQueue Queue(EnvId environment) => _queues.GetOrAdd(environment, id => new MutationQueue(
        Layout.Environment(id),
        _atomic,
        new LocalAccess(Layout, _atomic.Calls),
        new EnvironmentWriter(Files(id), Layout.AuditLog, _time, _random, message => Warned(new StoreWarning(id, message))),
        _time,
        ViewsFollow,
        new SemaphoreSlim(1, 1),
        message => Warned(new StoreWarning(id, message))));

    private bool Exists(EnvId environment) =>
        File.Exists(Layout.Environment(environment).Document) || new EnvironmentReader(Files(environment)).Load().IsOk;

    private bool IsListed(EnvId id) =>
        Files(id).Read(EnvironmentLayout.DocumentName, Documents.MaxBytes).TryGet(out var bytes, out _)
        && (bytes is not null && Documents.Environment.Parse(bytes).TryGet(out var document, out _)
            ? document.EnvironmentId == id
            : new EnvironmentReader(Files(id)).Load().IsOk);
}
