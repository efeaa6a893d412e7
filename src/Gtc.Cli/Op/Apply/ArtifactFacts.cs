using System.Collections.Immutable;
using Gtc.Artifacts.Bundles;
using Gtc.Artifacts.Digests;
using Gtc.Cli.Bundles;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Op.Apply;

/// <summary>Finds out what the bundles of a manifest are: their digests and packs.</summary>
internal sealed class ArtifactFacts(ManifestFile source, EnvironmentDocument? current, VerbCall call)
{
    /// <summary>Packs of bundles that the environment has already, by digest: such a bundle need not be opened again.</summary>
    private readonly Dictionary<string, ImmutableArray<PackListEntry>> _known = (current?.Revisions ?? [])
        .Where(revision => !revision.PackList.IsEmpty)
        .GroupBy(revision => revision.BundleDigest, StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.First().PackList, StringComparer.Ordinal);

    /// <summary>Hashes every bundle that is at hand, and fetches those that are named by a URI alone. What is not there is left out; the plan knows it as missing.</summary>
    public async Task<Outcome<ImmutableDictionary<string, ResolvedArtifact>>> ResolveAsync(CancellationToken cancellationToken)
    {
        var found = ImmutableDictionary.CreateBuilder<string, ResolvedArtifact>();
        foreach (var entry in Entries(source.Manifest))
        {
            var name = entry.Path ?? (entry.Digest is null ? entry.Uri : null);
            if (name is null || found.ContainsKey(name))
            {
                continue;
            }

            var resolved = entry.Path is not null ? await OfFileAsync(source.PathOf(entry.Path), cancellationToken) : await OfUriAsync(entry.Uri!, cancellationToken);
            if (!resolved.TryGet(out var artifact, out var refusal))
            {
                return refusal;
            }

            if (artifact is not null)
            {
                found.Add(name, artifact);
            }
        }

        return found.ToImmutable();
    }

    /// <summary>Fetches every bundle that has a source, and compares its bytes with the pin. Null when all are what they are declared to be.</summary>
    public async Task<Refusal?> VerifySourcesAsync(ImmutableDictionary<string, ResolvedArtifact> artifacts, CancellationToken cancellationToken)
    {
        foreach (var entry in Entries(source.Manifest).Where(entry => entry.Uri is not null).DistinctBy(entry => (entry.Uri, entry.Path, entry.Digest)))
        {
            Sha256Digest? expected = Sha256Digest.TryParse(entry.Digest, out var pinned) ? pinned
                : artifacts.TryGetValue(entry.Path ?? entry.Uri!, out var artifact) ? artifact.Digest : null;
            var fetched = await FetchAsync(entry.Uri!, expected, _ => Task.FromResult<Outcome<bool>>(true), cancellationToken);
            if (fetched.Refusal is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    /// <summary>Null when every bundle file still has the digest that was planned.</summary>
    public Refusal? Recheck(ImmutableDictionary<string, ResolvedArtifact> artifacts, CancellationToken cancellationToken)
    {
        foreach (var path in Entries(source.Manifest).Select(entry => entry.Path).OfType<string>().Where(artifacts.ContainsKey).Distinct())
        {
            if (!ContentDigest.OfFile(source.PathOf(path), cancellationToken).TryGet(out var digest, out var refusal))
            {
                return refusal;
            }

            if (digest != artifacts[path].Digest)
            {
                return new Refusal.Conflict($"bundle `{path}` changed after it was planned; nothing was written")
                {
                    Details = [new("expected", artifacts[path].Digest.ToString()), new("found", digest.ToString())],
                };
            }
        }

        return null;
    }

    private static IEnumerable<(string? Path, string? Uri, string? Digest)> Entries(EnvManifest manifest) => (manifest.Bundles ?? []).SelectMany(bundle =>
        bundle.Revisions is { } revisions
            ? revisions.Select(revision => (revision.BundlePath, revision.BundleSourceUri, revision.BundleDigest))
            : [(bundle.BundlePath, bundle.BundleSourceUri, bundle.BundleDigest)]);

    private async Task<Outcome<ResolvedArtifact?>> OfFileAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            return (ResolvedArtifact?)null;
        }

        if (!ContentDigest.OfFile(path, cancellationToken).TryGet(out var digest, out var refusal))
        {
            return refusal;
        }

        return _known.TryGetValue(digest.ToString(), out var packs)
            ? new ResolvedArtifact(digest, packs)
            : (await BundleInspector.InspectAsync(path, cancellationToken)).Then(inspection => (Outcome<ResolvedArtifact?>)Of(inspection));
    }

    private async Task<Outcome<ResolvedArtifact?>> OfUriAsync(string uri, CancellationToken cancellationToken)
    {
        var fetched = await FetchAsync(uri, null, async path => (await BundleInspector.InspectAsync(path, cancellationToken)).Then(inspection => (Outcome<ResolvedArtifact?>)Of(inspection)), cancellationToken);
        if (fetched.Refusal is Refusal.FetchFailed or Refusal.Missing)
        {
            call.Warn(fetched.Refusal.Message);
            return (ResolvedArtifact?)null;
        }

        return fetched;
    }

    private async Task<Outcome<T>> FetchAsync<T>(string uri, Sha256Digest? expected, Func<string, Task<Outcome<T>>> look, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("gtc-apply-").FullName;
        try
        {
            var path = Path.Combine(folder, "bundle.gtbundle");
            var pulled = await BundleFetch.ToFileAsync(uri, path, expected, maxBytes: null, call, cancellationToken);
            return pulled.IsOk ? await look(path) : pulled.Refusal!;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static ResolvedArtifact Of(BundleInspection inspection) => new(
        inspection.Digest,
        [.. inspection.Packs.Select(pack => new PackListEntry { PackId = pack.Pinned.PackId, Version = PackListEntry.UnknownVersion, Digest = pack.Pinned.Digest.ToString() })]);
}
