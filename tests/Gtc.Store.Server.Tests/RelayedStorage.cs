using System.Collections.Immutable;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store.Server.Tests;

/// <summary>A store that does what another one does, but for what a test is about.</summary>
internal class RelayedStorage(IEnvironmentStorage inner, IArtifactStorage? artifacts = null) : IEnvironmentStorage
{
    public virtual IArtifactStorage Artifacts => artifacts ?? inner.Artifacts;

    public virtual IUpkeepStorage Upkeep => inner.Upkeep;

    public virtual Task<Outcome<int>> BoundHistoryAsync(EnvId environment, ulong keep, CancellationToken cancellationToken) => inner.BoundHistoryAsync(environment, keep, cancellationToken);

    public virtual Task<Outcome<IReadOnlyList<EnvId>>> ListAsync(CancellationToken cancellationToken) => inner.ListAsync(cancellationToken);

    public virtual Task<Outcome<IReadOnlyList<EnvId>>> ListAllAsync(CancellationToken cancellationToken) => inner.ListAllAsync(cancellationToken);

    public virtual Task<Outcome<StoredEnvironment>> ReadAsync(EnvId environment, ulong? generation, CancellationToken cancellationToken) => inner.ReadAsync(environment, generation, cancellationToken);

    public virtual Task<Outcome<SideDocument?>> ReadSideAsync(EnvId environment, SideName name, CancellationToken cancellationToken) => inner.ReadSideAsync(environment, name, cancellationToken);

    public virtual Task<Outcome<ImmutableArray<SideName>>> ListSidesAsync(EnvId environment, string prefix, CancellationToken cancellationToken) => inner.ListSidesAsync(environment, prefix, cancellationToken);

    public virtual Task<Outcome<ImmutableArray<GenerationEntry>>> HistoryAsync(EnvId environment, int limit, ulong? before, CancellationToken cancellationToken) => inner.HistoryAsync(environment, limit, before, cancellationToken);

    public virtual Task<Outcome<ImmutableArray<AuditEvent>>> AuditAsync(EnvId environment, AuditFilter filter, CancellationToken cancellationToken) => inner.AuditAsync(environment, filter, cancellationToken);

    public virtual Task<Outcome<IAuditReader>> OpenAuditAsync(EnvId environment, CancellationToken cancellationToken) => inner.OpenAuditAsync(environment, cancellationToken);

    public virtual Task<Outcome<int>> BoundAuditAsync(EnvId environment, int most, PrivateKey key, CancellationToken cancellationToken) => inner.BoundAuditAsync(environment, most, key, cancellationToken);

    public virtual Task<Outcome<EnvironmentImage>> CaptureAsync(EnvId environment, CancellationToken cancellationToken) => inner.CaptureAsync(environment, cancellationToken);

    public virtual Task<Outcome<CommittedChange>> CommitAsync(ChangeRequest request, Func<ChangeContext, Outcome<Change>> change, CancellationToken cancellationToken) => inner.CommitAsync(request, change, cancellationToken);

    public virtual Task<Outcome<CommittedChange>> RemoveAsync(ChangeRequest request, Func<ChangeContext, Outcome<Change>> change, CancellationToken cancellationToken) => inner.RemoveAsync(request, change, cancellationToken);

    public virtual Task<Outcome<ImmutableArray<BackupManifest>>> ListEndedAsync(EnvId? environment, CancellationToken cancellationToken) => inner.ListEndedAsync(environment, cancellationToken);

    public virtual Task<Outcome<EnvironmentImage>> ReadEndedAsync(string backupId, CancellationToken cancellationToken) => inner.ReadEndedAsync(backupId, cancellationToken);

    public virtual Task<Outcome<ImmutableArray<string>>> ReadEndedArtifactsAsync(string backupId, CancellationToken cancellationToken) => inner.ReadEndedArtifactsAsync(backupId, cancellationToken);

    public virtual Task<Refusal?> RecordDenialAsync(ChangeRequest denied, CancellationToken cancellationToken) => inner.RecordDenialAsync(denied, cancellationToken);

    public virtual Task<WatchedGeneration> WaitAsync(EnvId environment, ulong after, CancellationToken cancellationToken) => inner.WaitAsync(environment, after, cancellationToken);

    public virtual Task<Refusal?> ProbeAsync(CancellationToken cancellationToken) => inner.ProbeAsync(cancellationToken);

    public virtual ValueTask DisposeAsync() => inner.DisposeAsync();
}
