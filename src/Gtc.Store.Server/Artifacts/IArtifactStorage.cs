using System.Collections.Immutable;
using System.Security.Cryptography;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>
/// Where the server keeps artifacts: bytes under their own digest, never changed. What is there is whole; what is on its way is an upload, which
/// nobody can read. Whether bytes are those of the digest is decided above, by who receives them.
/// </summary>
public interface IArtifactStorage
{
    /// <summary>How many bytes an artifact has; null when it is not there.</summary>
    Task<Outcome<long?>> FindAsync(Sha256Digest artifact, CancellationToken cancellationToken);

    /// <summary>Artifacts in the order of their digests, after one when it is given.</summary>
    Task<Outcome<ImmutableArray<StoredArtifact>>> ListAsync(Sha256Digest? after, int limit, CancellationToken cancellationToken);

    /// <summary>How much is kept.</summary>
    Task<Outcome<ArtifactUsage>> UsageAsync(CancellationToken cancellationToken);

    /// <summary>Notes that somebody is about to refer to an artifact, so that it does not go as one that nobody names.</summary>
    /// <returns>Whether it is noted; false where there is no such artifact, or it goes at this moment.</returns>
    Task<Outcome<bool>> TouchAsync(Sha256Digest artifact, CancellationToken cancellationToken);

    /// <summary>Removes an artifact that was neither put nor touched since a time.</summary>
    /// <returns>Whether it is gone.</returns>
    Task<Outcome<bool>> RemoveAsync(Sha256Digest artifact, DateTimeOffset before, CancellationToken cancellationToken);

    /// <summary>Opens an artifact that is there.</summary>
    /// <param name="artifact">The artifact.</param>
    /// <param name="offset">The first byte to read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Its bytes from there on; the caller disposes them.</returns>
    Task<Outcome<Stream>> OpenAsync(Sha256Digest artifact, long offset, CancellationToken cancellationToken);

    /// <summary>How many bytes of an upload have arrived; 0 when there is none.</summary>
    Task<Outcome<long>> ReceivedAsync(UploadName upload, CancellationToken cancellationToken);

    /// <summary>Begins an upload or goes on with it. Who had it before adds nothing more: a caller that was cut off returns before the server notices.</summary>
    Task<Outcome<IArtifactUpload>> ContinueAsync(UploadName upload, CancellationToken cancellationToken);

    /// <summary>Removes uploads to which nothing was added since a time.</summary>
    /// <returns>How many.</returns>
    Task<Outcome<int>> CollectAsync(DateTimeOffset before, CancellationToken cancellationToken);
}

/// <summary>An artifact that is kept.</summary>
/// <param name="Digest">Which.</param>
/// <param name="SizeBytes">How many bytes it has.</param>
/// <param name="TouchedAt">When it was put, or asked for by somebody who was about to refer to it.</param>
public sealed record StoredArtifact(Sha256Digest Digest, long SizeBytes, DateTimeOffset TouchedAt);

/// <summary>How much is kept of artifacts.</summary>
/// <param name="Count">How many artifacts.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="UploadBytes">The bytes of uploads that are not whole.</param>
public sealed record ArtifactUsage(long Count, long Bytes, long UploadBytes);

/// <summary>One upload. Each caller has one of its own for an artifact, so that nobody's bytes get into that of another.</summary>
/// <param name="Artifact">What it is to become.</param>
/// <param name="Owner">Whose it is, as lower-case hex digits.</param>
public sealed record UploadName(Sha256Digest Artifact, string Owner);

/// <summary>An upload that is held. What was added stays when it is disposed.</summary>
public interface IArtifactUpload : IAsyncDisposable
{
    /// <summary>How many bytes have arrived.</summary>
    long Length { get; }

    /// <summary>Adds all that arrived to a digest.</summary>
    /// <returns>Null on success.</returns>
    Task<Refusal?> AddToAsync(IncrementalHash hash, CancellationToken cancellationToken);

    /// <summary>Adds what arrives.</summary>
    /// <returns>Null on success; <see cref="Refusal.Conflict"/> when another holds the upload by now, and nothing was added.</returns>
    Task<Refusal?> AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Forgets what arrived, and goes on from the first byte.</summary>
    /// <returns>Null on success; <see cref="Refusal.Conflict"/> when another holds the upload by now.</returns>
    Task<Refusal?> RestartAsync(CancellationToken cancellationToken);

    /// <summary>Makes the artifact of it, durably, where it is not there already. It ends the upload.</summary>
    /// <returns>Null on success; <see cref="Refusal.Conflict"/> when another holds the upload by now.</returns>
    Task<Refusal?> PutInPlaceAsync(CancellationToken cancellationToken);

    /// <summary>Removes it. It ends the upload.</summary>
    /// <returns>Null on success; <see cref="Refusal.Conflict"/> when another holds the upload by now.</returns>
    Task<Refusal?> DiscardAsync(CancellationToken cancellationToken);
}
