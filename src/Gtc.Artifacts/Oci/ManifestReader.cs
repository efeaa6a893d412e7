using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Gtc.Artifacts.Sources;
using Gtc.Model;

namespace Gtc.Artifacts.Oci;

/// <summary>What a reference leads to.</summary>
/// <param name="Digest">The digest of the manifest that the reference names, over its raw bytes.</param>
/// <param name="Layer">The blob that is the bundle.</param>
/// <param name="LayerDigest">Its digest.</param>
internal sealed record ResolvedManifest(Sha256Digest Digest, OciDescriptor Layer, Sha256Digest LayerDigest);

/// <summary>Follows a reference to its layer, through at most two indexes.</summary>
internal sealed class ManifestReader(RegistryConnection connection, TimeProvider time)
{
    private const int LongestManifest = 4 * 1024 * 1024;
    private const int DeepestIndex = 2;

    private static readonly string Accepted = string.Join(", ",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.oci.artifact.manifest.v1+json",
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json");

    /// <exception cref="FetchException">It leads nowhere, or not where it is pinned to.</exception>
    public async Task<ResolvedManifest> ReadAsync(OciReference reference, StallGuard guard)
    {
        var (manifest, digest) = await ReadManifestAsync(reference.ManifestName, reference.Digest, guard);
        for (var depth = 0; manifest.Manifests is { } entries; depth++)
        {
            if (depth == DeepestIndex)
            {
                throw new FetchException($"indexes are nested deeper than {DeepestIndex}");
            }

            var entry = DigestOf(Fitting(entries));
            (manifest, _) = await ReadManifestAsync(entry.ToString(), entry, guard);
        }

        var layer = LayerChoice.Choose(manifest.Layers.IsEmpty ? manifest.Blobs : manifest.Layers);
        return new ResolvedManifest(digest, layer, DigestOf(layer));
    }

    private async Task<(OciManifest Manifest, Sha256Digest Digest)> ReadManifestAsync(string name, Sha256Digest? pinned, StallGuard guard)
    {
        var ask = new Ask(HttpMethod.Get, new Uri(connection.Root, "manifests/" + name)) { Headers = [new("Accept", Accepted)] };
        using var response = await connection.SendAsync(ask, guard);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw await RegistryFailure.OfAsync(response, time, guard);
        }

        var bytes = await BoundedBody.ReadAsync(response, LongestManifest, guard);
        var digest = Sha256Digest.FromBytes(SHA256.HashData(bytes));
        if (pinned is { } expected && expected != digest)
        {
            throw Mismatch("the manifest that the registry sent is not the one that was asked for", expected, digest);
        }

        try
        {
            var manifest = JsonSerializer.Deserialize(bytes, OciJson.Default.OciManifest);
            return (manifest is not null && manifest.Layers.Concat(manifest.Blobs).Concat(manifest.Manifests ?? []).All(static entry => entry is not null)
                ? manifest
                : throw NotAManifest("a null"), digest);
        }
        catch (JsonException exception)
        {
            throw NotAManifest(exception.Path ?? "$");
        }
    }

    /// <summary>The first entry without a platform, or whose platform is this machine's.</summary>
    private static OciDescriptor Fitting(IReadOnlyList<OciDescriptor> entries)
    {
        var architecture = RuntimeInformation.OSArchitecture switch
        {
            Architecture.X64 => "amd64",
            var other => other.ToString().ToLowerInvariant(),
        };
        return entries.FirstOrDefault(entry => entry.Platform is null || (entry.Platform.Os == "linux" && entry.Platform.Architecture == architecture))
            ?? throw new FetchException($"none of the index's {entries.Count} entries is for linux/{architecture}");
    }

    private static Sha256Digest DigestOf(OciDescriptor descriptor) => Sha256Digest.TryParse(descriptor.Digest, out var digest)
        ? digest
        : throw new FetchException("a descriptor's digest is not sha256: and 64 hex digits") { Code = OciErrors.Serde };

    private static FetchException NotAManifest(string path) =>
        new($"the manifest is not a JSON document of the expected form (at {Failures.Clean(path)})") { Code = OciErrors.Serde };

    /// <summary>Bytes that are not the pinned ones; trying again would not make them so.</summary>
    public static FetchException Mismatch(string message, Sha256Digest expected, Sha256Digest found) => new(message)
    {
        Refusal = new Refusal.DigestMismatch(message)
        {
            Details = [new("code", OciErrors.DigestMismatch), new("expected", expected.ToString()), new("found", found.ToString())],
        },
    };
}
