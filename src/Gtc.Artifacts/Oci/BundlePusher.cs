using System.Buffers;
using System.Security.Cryptography;
using Gtc.Artifacts.Sources;
using Gtc.Model;
using Microsoft.Extensions.Logging;

namespace Gtc.Artifacts.Oci;

/// <summary>
/// Puts a bundle into a registry as an OCI artifact: one <c>application/octet-stream</c> layer, an empty configuration, and a manifest of
/// artifact type <c>application/vnd.greentic.gtbundle.v1</c> that is the same for the same bundle. Safe for concurrent use.
/// </summary>
/// <param name="time">Drives waits and timeouts.</param>
/// <param name="jitter">Draws a number in [0, 1) that spreads retries; must be safe for concurrent use.</param>
/// <param name="logger">Where retries are told.</param>
/// <param name="transport">Carries the requests and is not disposed here; null makes one per push, see <see cref="HttpTransport"/>.</param>
public sealed class BundlePusher(TimeProvider time, Func<double> jitter, ILogger logger, HttpMessageHandler? transport = null)
{
    private const int BufferBytes = 256 * 1024;

    /// <summary>Pushes the bundle. Repeating it changes nothing.</summary>
    /// <param name="request">What goes where.</param>
    /// <param name="progress">Told as bytes leave; null when nobody watches.</param>
    /// <param name="cancellationToken">Ends the push with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>
    /// What is in the registry now; or <see cref="Refusal.InvalidArgument"/> for a reference that cannot be pushed to,
    /// <see cref="Refusal.Missing"/> or <see cref="Refusal.FileFailed"/> for the file, <see cref="Refusal.FetchFailed"/> with the code
    /// <c>PushFailed</c> for the registry.
    /// </returns>
    public async Task<Outcome<PushedBundle>> PushAsync(
        PushRequest request, IProgress<PullProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!OciReference.Parse(request.Reference).TryGet(out var reference, out var refusal))
        {
            return refusal;
        }

        if (reference.Digest is not null)
        {
            return new Refusal.InvalidArgument("a bundle cannot be pushed to a digest: the manifest decides it")
            {
                Details = [new("expected", "oci://registry/repository[:tag]"), new("found", reference.ToString())],
            };
        }

        if (!RegularFile.Open(request.BundlePath).TryGet(out var file, out refusal))
        {
            return refusal;
        }

        using (file)
        {
            var title = request.Title ?? Path.GetFileName(request.BundlePath);
            return await PushAsync(reference, file, title, request.Options, progress, cancellationToken);
        }
    }

    private async Task<Outcome<PushedBundle>> PushAsync(
        OciReference reference, RegularFile file, string title, PullOptions options, IProgress<PullProgress>? progress, CancellationToken cancellationToken)
    {
        var bundle = await HashAsync(file, cancellationToken);
        var size = file.Stamp.Size;
        var manifest = BundleManifest.Write(bundle, size, title);
        var digest = Sha256Digest.FromBytes(SHA256.HashData(manifest));

        using var owned = transport is null ? HttpTransport.Create(options) : null;
        using var client = new HttpMessageInvoker(transport ?? owned!, disposeHandler: false);
        var upload = new BlobUpload(new RegistryConnection(reference, options, new HttpExchange(client), time), time);
        var target = new FetchTarget($"the bundle could not be pushed to {reference}", reference.ToString(), OciErrors.PushFailed, Next: null);
        var sent = 0L;
        var outcome = await new RetryLoop(options, time, jitter, logger).RunAsync(target, () => sent, PushOnceAsync, cancellationToken);
        return outcome.Then<PushedBundle>(alreadyThere => new PushedBundle(
            $"{OciReference.Scheme}://{reference.Registry}/{reference.Repository}@{digest}", digest, bundle, size, alreadyThere));

        async Task<bool> PushOnceAsync(StallGuard guard)
        {
            var alreadyThere = await upload.PutBlobAsync(bundle, () => new FileContent(file.Handle, size, count => Sent(count, guard)), guard);
            var config = BundleManifest.EmptyConfig;
            await upload.PutBlobAsync(Sha256Digest.FromBytes(SHA256.HashData(config)), () => new ByteArrayContent(config), guard);
            await upload.PutManifestAsync(reference.Tag ?? digest.ToString(), manifest, digest, guard);
            return alreadyThere && sent == 0;
        }

        void Sent(long count, StallGuard guard)
        {
            guard.Touch();
            sent = count;
            progress?.Report(new(count, size));
        }
    }

    private static async Task<Sha256Digest> HashAsync(RegularFile file, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (var offset = 0L; ;)
            {
                var count = await RandomAccess.ReadAsync(file.Handle, buffer, offset, cancellationToken);
                if (count == 0)
                {
                    return Sha256Digest.FromBytes(hash.GetHashAndReset());
                }

                hash.AppendData(buffer, 0, count);
                offset += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
