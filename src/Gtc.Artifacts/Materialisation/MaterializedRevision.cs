using System.Collections.Immutable;
using Gtc.Artifacts.Bundles;
using Gtc.Artifacts.SquashFs;
using Gtc.Model;

namespace Gtc.Artifacts.Materialisation;

/// <summary>A revision that is on disk, verified.</summary>
/// <param name="RevisionId">The revision.</param>
/// <param name="Source">Where the bytes came from, without credentials.</param>
/// <param name="BundleDigest">SHA-256 of the bundle's bytes.</param>
/// <param name="BundleBytes">How many bytes the bundle has.</param>
/// <param name="Manifest">The bundle's own manifest.</param>
/// <param name="Lock">The pinned packs.</param>
/// <param name="PackConfigRefs">The pack configurations, relative to the environment's folder.</param>
/// <param name="ConfigDigest">SHA-256 over the pack configurations.</param>
/// <param name="Unpacked">What was unpacked.</param>
/// <param name="Times">How long each step took.</param>
public sealed record MaterializedRevision(
    RevisionId RevisionId,
    string Source,
    Sha256Digest BundleDigest,
    long BundleBytes,
    BundleManifest Manifest,
    PackListLock Lock,
    ImmutableArray<string> PackConfigRefs,
    Sha256Digest ConfigDigest,
    ExtractionReport Unpacked,
    MaterializeTimes Times)
{
    /// <summary>The lock file, relative to the environment's folder.</summary>
    public string LockRef => RevisionFolder.LockRef(RevisionId);

    /// <summary>What was unpacked, absolute.</summary>
    /// <param name="environmentFolder">The environment's folder.</param>
    public string UnpackedFolder(string environmentFolder) => Path.Combine(environmentFolder, RevisionFolder.UnpackedRef(RevisionId));
}

/// <summary>How long each step took. The hash is computed while the bytes arrive, so verifying is one comparison.</summary>
/// <param name="Pull">Fetching and hashing.</param>
/// <param name="Verify">Comparing with the pin.</param>
/// <param name="Unpack">Unpacking, scanning and pinning.</param>
public readonly record struct MaterializeTimes(TimeSpan Pull, TimeSpan Verify, TimeSpan Unpack);
