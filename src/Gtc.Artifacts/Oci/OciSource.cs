using Gtc.Artifacts.Sources;
using Gtc.Model;

namespace Gtc.Artifacts.Oci;

/// <summary>A bundle in a registry: its manifest first, then the layer, whose digest the manifest pins.</summary>
internal sealed class OciSource(OciReference reference, PullOptions options, HttpExchange exchange, RetryLoop loop, TimeProvider time)
{
    private readonly FetchTarget _target = new(
        $"the bundle could not be pulled from {reference}", reference.ToString(), OciErrors.PullFailed, $"skopeo inspect docker://{reference.ToString()[6..]}");

    public async Task<Outcome<PulledBundle>> PullAsync(BundleSink sink, IProgress<PullProgress>? progress, CancellationToken cancellationToken)
    {
        var connection = new RegistryConnection(reference, options, exchange, time);
        var reader = new ManifestReader(connection, time);
        var resolved = await loop.RunAsync(_target, static () => 0, guard => reader.ReadAsync(reference, guard), cancellationToken);
        if (!resolved.TryGet(out var manifest, out var refusal))
        {
            return refusal;
        }

        var address = new Uri(connection.Root, $"blobs/{manifest.LayerDigest}");
        var transfer = new HttpTransfer(connection.SendAsync, new Ask(HttpMethod.Get, address), sink, time, progress)
        {
            ContentAddressed = true,
            ExpectedBytes = manifest.Layer.Size,
        };
        var outcome = await loop.RunAsync(_target, () => sink.Length, guard => TransferAsync(transfer, manifest, sink, guard), cancellationToken);
        return outcome.Then<PulledBundle>(digest => new PulledBundle(
            sink.Length, digest, $"{OciReference.Scheme}://{reference.Registry}/{reference.Repository}@{manifest.Digest}", manifest.Digest));
    }

    private static async Task<Sha256Digest> TransferAsync(HttpTransfer transfer, ResolvedManifest manifest, BundleSink sink, StallGuard guard)
    {
        await transfer.AttemptAsync(guard);
        var digest = await sink.FinishAsync();
        return digest == manifest.LayerDigest
            ? digest
            : throw ManifestReader.Mismatch("the layer that the registry sent is not the one that its manifest describes", manifest.LayerDigest, digest);
    }
}
