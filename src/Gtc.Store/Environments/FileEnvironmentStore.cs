using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>One folder per environment on a local disk (store.md §2 to §5).</summary>
public sealed partial class FileEnvironmentStore : IEnvironmentStore
{
    private readonly TimeProvider _time;
    private readonly RandomSource _random;
    private readonly AtomicFile _atomic;
    private readonly AuditLog _audit;

    // One waiter per environment and process in the kernel's queue; the others wait here without a thread.
    private readonly ConcurrentDictionary<EnvId, SemaphoreSlim> _gates = new();

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
        _audit = new AuditLog(_atomic);
    }

    /// <summary>Where it lies.</summary>
    public StoreLayout Layout { get; }

    /// <summary>The files of an environment, to read them. Change them only inside <see cref="MutateAsync{T}"/>.</summary>
    public EnvironmentFiles Files(EnvId environment) => new(Layout.Environment(environment), _atomic, _time);

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

    /// <inheritdoc/>
    public Task<bool> ExistsAsync(EnvId environment, CancellationToken cancellationToken) => Task.FromResult(Exists(environment));

    /// <inheritdoc/>
    public Task<Outcome<EnvironmentDocument>> LoadAsync(EnvId environment, CancellationToken cancellationToken) =>
        Task.FromResult(new EnvironmentReader(Files(environment)).Load());

    /// <inheritdoc/>
    public Task<Outcome<EnvironmentRuntime?>> LoadRuntimeAsync(EnvId environment, CancellationToken cancellationToken) =>
        Task.FromResult(new EnvironmentReader(Files(environment)).LoadRuntime());

    /// <inheritdoc/>
    public async Task<Outcome<T>> MutateAsync<T>(MutationIntent intent, Func<MutationContext, Outcome<Mutation<T>>> change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(intent);
        ArgumentNullException.ThrowIfNull(change);
        var gate = _gates.GetOrAdd(intent.Environment, static _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(cancellationToken);
        try
        {
            var locked = await LockAsync(intent.Environment, cancellationToken);
            if (!locked.TryGet(out var held, out var refusal))
            {
                return Record(intent, Attempt<T>.Refused(refusal));
            }

            using (held)
            {
                var outcome = Record(intent, Run(intent.Environment, change));
                if (!Exists(intent.Environment))
                {
                    held.RemoveStrayFolder();
                }

                return outcome;
            }
        }
        finally
        {
            gate.Release();
        }
    }

    private bool Exists(EnvId environment) => File.Exists(Layout.Environment(environment).Document);

    private bool IsListed(EnvId id) =>
        Files(id).Read(EnvironmentLayout.DocumentName, Documents.MaxBytes).TryGet(out var bytes, out _)
        && bytes is not null
        && Documents.Environment.Parse(bytes).TryGet(out var document, out _)
        && document.EnvironmentId == id;

    private async Task<Outcome<EnvironmentLock>> LockAsync(EnvId environment, CancellationToken cancellationToken)
    {
        try
        {
            var held = await EnvironmentLock.TakeAsync(Layout.Environment(environment), _atomic, cancellationToken);
            _atomic.Sweep(Layout.Environment(environment).Folder, _time.GetUtcNow());
            return held;
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store($"environment `{environment}` could not be locked", error);
        }
    }

    private Attempt<T> Run<T>(EnvId environment, Func<MutationContext, Outcome<Mutation<T>>> change)
    {
        var files = Files(environment);
        var reader = new EnvironmentReader(files);
        if (!reader.Load().TryGet(out var current, out var unreadable) && unreadable is not Refusal.Missing)
        {
            return Attempt<T>.Refused(unreadable);
        }

        if (!change(new MutationContext(files, current, _time.GetUtcNow(), _random)).TryGet(out var mutation, out var refusal))
        {
            return Attempt<T>.Refused(refusal);
        }

        if (mutation.Document is { } document)
        {
            if (!reader.Check(document).TryGet(out _, out var broken))
            {
                return Attempt<T>.Refused(broken);
            }

            if (files.Replace(EnvironmentLayout.DocumentName, Documents.Environment.ToFile(document)) is { } unwritten)
            {
                return Attempt<T>.Refused(unwritten);
            }

            current = document;
        }

        var late = mutation.RefreshesRuntimeConfig && current is not null
            ? new RuntimeConfigFile(files).Save(RuntimeProjection.Project(current))
            : null;
        return Attempt<T>.Committed(mutation, late);
    }

    /// <summary>Writes the audit line and applies the fail-closed table of store.md §5.3.</summary>
    private Outcome<T> Record<T>(MutationIntent intent, Attempt<T> attempt)
    {
        var path = Exists(intent.Environment) ? Layout.Environment(intent.Environment).AuditLog : Layout.AuditLog;
        try
        {
            _audit.Append(path, Line(intent, attempt));
            return attempt.Outcome;
        }
        catch (FileCallException error) when (attempt.IsCommitted)
        {
            return new Refusal.AuditFailed($"the change stands, but its audit line could not be written: {error.Message}")
            {
                Details = [new("file", error.Path)],
                Next = FileRefusals.Next(error),
            };
        }
        catch (FileCallException error)
        {
            var refusal = attempt.Outcome.Refusal!;
            return refusal with { Details = refusal.Details.Add(new("audit", $"this attempt is not recorded: {error.Message}")) };
        }
    }

    private AuditEvent Line<T>(MutationIntent intent, Attempt<T> attempt)
    {
        var now = _time.GetUtcNow();
        Span<byte> random = stackalloc byte[Ulid.RandomLength];
        _random(random);
        var refusal = attempt.Outcome.Refusal;
        return new AuditEvent
        {
            Schema = Schemas.AuditEvent,
            EventId = Ulid.From(now, random).ToString(),
            Ts = now,
            Actor = LocalActor.Current(),
            EnvId = intent.Environment.ToString(),
            Noun = intent.Noun,
            Verb = intent.Verb,
            Target = ToElement(attempt.Target ?? intent.Target),
            PreviousGeneration = attempt.PreviousGeneration,
            NewGeneration = attempt.NewGeneration,
            IdempotencyKey = intent.IdempotencyKey,
            Authorization = LocalActor.Authorize(intent.Environment),
            Result = refusal is null ? new AuditResult("ok", null, null) : new AuditResult("error", ErrorKinds.Of(refusal), refusal.Message),
        };
    }

    private static JsonElement ToElement(JsonObject target)
    {
        using var document = JsonDocument.Parse(target.ToJsonString());
        return document.RootElement.Clone();
    }
}
