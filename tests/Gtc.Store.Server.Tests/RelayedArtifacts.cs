using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Store.Server.Tests;

/// <summary>Artifacts as another storage has them.</summary>
internal class RelayedArtifacts(IArtifactStorage inner) : IArtifactStorage
{
    public virtual Task<Outcome<long?>> FindAsync(Sha256Digest artifact, CancellationToken cancellationToken) => inner.FindAsync(artifact, cancellationToken);

    public Task<Outcome<ImmutableArray<StoredArtifact>>> ListAsync(Sha256Digest? after, int limit, CancellationToken cancellationToken) => inner.ListAsync(after, limit, cancellationToken);

    public virtual Task<Outcome<ArtifactUsage>> UsageAsync(CancellationToken cancellationToken) => inner.UsageAsync(cancellationToken);

    public Task<Outcome<bool>> TouchAsync(Sha256Digest artifact, CancellationToken cancellationToken) => inner.TouchAsync(artifact, cancellationToken);

    public Task<Outcome<bool>> RemoveAsync(Sha256Digest artifact, DateTimeOffset before, CancellationToken cancellationToken) => inner.RemoveAsync(artifact, before, cancellationToken);

    public Task<Outcome<Stream>> OpenAsync(Sha256Digest artifact, long offset, CancellationToken cancellationToken) => inner.OpenAsync(artifact, offset, cancellationToken);

    public Task<Outcome<long>> ReceivedAsync(UploadName upload, CancellationToken cancellationToken) => inner.ReceivedAsync(upload, cancellationToken);

    public Task<Outcome<IArtifactUpload>> ContinueAsync(UploadName upload, CancellationToken cancellationToken) => inner.ContinueAsync(upload, cancellationToken);

    public Task<Outcome<int>> CollectAsync(DateTimeOffset before, CancellationToken cancellationToken) => inner.CollectAsync(before, cancellationToken);
}
