using System.Collections.Immutable;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store.Server;

/// <summary>
/// Where the server keeps environments. Every engine gives the same answers; the contract's conformance suite is run over HTTP against each.
/// A read sees every change that was acknowledged before it began.
/// </summary>
public interface IEnvironmentStorage : IAsyncDisposable
{
    /// <summary>Where bundles and other artifacts are kept, by the same engine.</summary>
    IArtifactStorage Artifacts { get; }

    /// <summary>What the servers of this store share about work in the background.</summary>
    IUpkeepStorage Upkeep { get; }

    /// <summary>The environments in the order of their ids.</summary>
    Task<Outcome<IReadOnlyList<EnvId>>> ListAsync(CancellationToken cancellationToken);

    /// <summary>As <see cref="ListAsync"/>, and those too that cannot be read at the moment: for who must not miss one. Some may be <see cref="Refusal.Missing"/> when they are read.</summary>
    Task<Outcome<IReadOnlyList<EnvId>>> ListAllAsync(CancellationToken cancellationToken);

    /// <summary>An environment, now or at a generation; <see cref="Refusal.Missing"/> when there is none.</summary>
    Task<Outcome<StoredEnvironment>> ReadAsync(EnvId environment, ulong? generation, CancellationToken cancellationToken);

    /// <summary>What lies beside an environment's document under a name, or null; <see cref="Refusal.Missing"/> when there is no such environment.</summary>
    Task<Outcome<SideDocument?>> ReadSideAsync(EnvId environment, SideName name, CancellationToken cancellationToken);

    /// <summary>The names of what lies beside an environment's document, in order.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="prefix">Only those that begin with it; empty for all.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<Outcome<ImmutableArray<SideName>>> ListSidesAsync(EnvId environment, string prefix, CancellationToken cancellationToken);

    /// <summary>The newest generations, newest first, before one when it is given.</summary>
    Task<Outcome<ImmutableArray<GenerationEntry>>> HistoryAsync(EnvId environment, int limit, ulong? before, CancellationToken cancellationToken);

    /// <summary>The newest audit lines that a filter takes, oldest first.</summary>
    Task<Outcome<ImmutableArray<AuditEvent>>> AuditAsync(EnvId environment, AuditFilter filter, CancellationToken cancellationToken);

    /// <summary>The whole audit log of an environment, to be read page by page; <see cref="Refusal.Missing"/> when there is no such environment.</summary>
    Task<Outcome<IAuditReader>> OpenAuditAsync(EnvId environment, CancellationToken cancellationToken);

    /// <summary>Takes the oldest lines out of an audit log that are more than a bound, and leaves <see cref="AuditCheckpoint"/>, signed, which vouches for them.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="most">How many lines stay, at least 1.</param>
    /// <param name="key">Signs the checkpoint.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    /// <returns>How many lines there are now.</returns>
    Task<Outcome<int>> BoundAuditAsync(EnvId environment, int most, PrivateKey key, CancellationToken cancellationToken);

    /// <summary>
    /// Removes the oldest generations that are more than a bound; the newest is never one of them, nor those whose changes may still be repeated under their keys. Nobody waits for it.
    /// In files whole segments go, so a few more stay.
    /// </summary>
    /// <param name="environment">The environment.</param>
    /// <param name="keep">How many generations stay, at least 1.</param>
    /// <param name="cancellationToken">Ends the work; what is removed by then stays removed.</param>
    /// <returns>How many generations are gone; in files, how many segments of them.</returns>
    Task<Outcome<int>> BoundHistoryAsync(EnvId environment, ulong keep, CancellationToken cancellationToken);

    /// <summary>Everything of an environment as it is at one moment: of one generation, with what lies beside it, its audit log and its keys. <see cref="Change.Image"/> puts it in place again.</summary>
    Task<Outcome<EnvironmentImage>> CaptureAsync(EnvId environment, CancellationToken cancellationToken);

    /// <summary>
    /// Changes an environment. Under its lock: a key that stands for the same request is answered again and for another one refused; else the
    /// step runs on the present state, and all that it asks for is written together with the key and one audit line, or nothing is.
    /// </summary>
    /// <param name="request">What is asked, and by whom. A refusal is recorded too, where the environment exists.</param>
    /// <param name="change">The step, pure. It may be run again when what it saw was overtaken; what the last run asks for counts.</param>
    /// <param name="cancellationToken">Ends the wait for the lock. Once the step runs, it is carried through.</param>
    /// <returns>The change; or the step's refusal; or, when the step was not run, <see cref="Refusal.Conflict"/> for a key that stands for another request.</returns>
    Task<Outcome<CommittedChange>> CommitAsync(ChangeRequest request, Func<ChangeContext, Outcome<Change>> change, CancellationToken cancellationToken);

    /// <summary>
    /// As <see cref="CommitAsync"/>, and the environment is gone after it, with all that lies beside it. The end is a generation of its own, which has no document and no entity
    /// tag; an environment of the same id counts on from it. A retry under the same key is answered again until the id is used again.
    /// </summary>
    /// <param name="request">What is asked, and by whom.</param>
    /// <param name="change">The step; it asks for nothing to be written.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    Task<Outcome<CommittedChange>> RemoveAsync(ChangeRequest request, Func<ChangeContext, Outcome<Change>> change, CancellationToken cancellationToken);

    /// <summary>The final backups that are kept of environments that ended, oldest first.</summary>
    /// <param name="environment">Only those of this id; null for all.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<Outcome<ImmutableArray<BackupManifest>>> ListEndedAsync(EnvId? environment, CancellationToken cancellationToken);

    /// <summary>The image of a final backup; <see cref="Refusal.Missing"/> when it is not kept. It has the audit log where that is not kept under the environment's id anyway.</summary>
    Task<Outcome<EnvironmentImage>> ReadEndedAsync(string backupId, CancellationToken cancellationToken);

    /// <summary>The digests of the artifacts that a final backup names, kept beside it; <see cref="Refusal.Missing"/> when it is not kept.</summary>
    Task<Outcome<ImmutableArray<string>>> ReadEndedArtifactsAsync(string backupId, CancellationToken cancellationToken);

    /// <summary>Records that a caller was denied: one that is known in the environment's log, a stranger in the log of the whole store.</summary>
    /// <returns>Null when it is recorded.</returns>
    Task<Refusal?> RecordDenialAsync(ChangeRequest denied, CancellationToken cancellationToken);

    /// <summary>Waits until an environment is past a generation. A change by another process is noticed within half a second.</summary>
    /// <returns>A generation after <paramref name="after"/>, the newest that is known.</returns>
    /// <exception cref="OperationCanceledException">The caller waits no longer.</exception>
    Task<WatchedGeneration> WaitAsync(EnvId environment, ulong after, CancellationToken cancellationToken);

    /// <summary>Whether it can be read and written at the moment.</summary>
    /// <returns>Null when it can.</returns>
    Task<Refusal?> ProbeAsync(CancellationToken cancellationToken);
}
