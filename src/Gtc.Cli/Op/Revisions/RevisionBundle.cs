using Gtc.Artifacts.Building;
using Gtc.Artifacts.Materialisation;
using Gtc.Artifacts.Sources;
using Gtc.Cli.Output;
using Gtc.Cli.Start;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Cli.Op.Revisions;

/// <summary>A bundle file on its way to a revision: hashed, unpacked and pinned before the environment is locked, since a large one must not keep others from changing it.</summary>
internal static class RevisionBundle
{
    /// <summary>The name of the verified copy in a revision's folder.</summary>
    public const string FileName = "bundle.gtbundle";

    /// <summary>
    /// Copies, hashes and unpacks a bundle into the folder of a revision, and looks for secrets in it. The caller holds the store's materialisation
    /// lock until the revision stands in the document: a folder without a revision is what <c>revisions gc</c> deletes.
    /// </summary>
    /// <param name="layout">Where.</param>
    /// <param name="revision">The revision to be.</param>
    /// <param name="bundleId">The deployment's bundle; one that calls itself otherwise is warned of.</param>
    /// <param name="path">The file, absolute.</param>
    /// <param name="digest">What it must be, or null.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<Outcome<MaterializedRevision>> UnpackAsync(
        EnvironmentLayout layout, RevisionId revision, string bundleId, string path, string? digest, VerbCall call, CancellationToken cancellationToken)
    {
        using var progress = new TransferProgress("reading", call.Context);
        var puller = new BundlePuller(call.Context.Time, RandomNumbers.Fraction(call.Context.Random), NullLogger.Instance);
        var request = new MaterializeRequest
        {
            EnvId = layout.Id,
            RevisionId = revision,
            BundleId = bundleId,
            Source = path,
            PinnedDigest = digest,
            Durable = true,
        };
        var unpacked = await new RevisionMaterializer(puller, call.Context.Time, layout.Folder).MaterializeAsync(request, progress, cancellationToken);
        if (!unpacked.TryGet(out var found, out _))
        {
            return unpacked;
        }

        if (found.Manifest.BundleId != bundleId)
        {
            call.Warn($"the bundle calls itself `{found.Manifest.BundleId}`, the deployment is of `{bundleId}`");
        }

        return await LeakScan.RefuseAsync(found.UnpackedFolder(layout.Folder), "the revision cannot be staged", cancellationToken) is { } leaking ? leaking : unpacked;
    }

    /// <summary>What a revision pins of a bundle that was unpacked here.</summary>
    public static StageRevision Pin(StageRevision stage, MaterializedRevision found) => stage with
    {
        BundleDigest = found.BundleDigest.ToString(),
        PackList = [.. found.Lock.Packs.Select(pack => new PackListEntry { PackId = pack.PackId, Version = PackListEntry.UnknownVersion, Digest = pack.Digest.ToString() })],
        PackListLockRef = found.LockRef,
        PackConfigRefs = found.PackConfigRefs,
        ConfigDigest = found.ConfigDigest.ToString(),
    };

    /// <summary>Removes what was unpacked for a revision that the environment does not have after all, e.g. because the wait for its lock was interrupted.</summary>
    public static async Task RemoveUnusedAsync(LocalPlace at, RevisionId id)
    {
        var folder = at.Layout.Revision(id);
        if (Directory.Exists(folder)
            && (await at.Store.LoadAsync(at.Environment, CancellationToken.None)).TryGet(out var document, out _)
            && !document.Revisions.Any(revision => revision.RevisionId == id))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
