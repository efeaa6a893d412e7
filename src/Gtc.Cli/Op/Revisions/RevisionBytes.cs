using Gtc.Artifacts.Materialisation;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Revisions;

/// <summary>
/// Where bundles lie unpacked while a verb works with them: in the environment's own folder; or, over a store server, in a folder that is thrown away,
/// while the bundles themselves travel to and from the server by their digests.
/// </summary>
internal sealed class RevisionBytes : IAsyncDisposable
{
    private readonly OpPlace _at;
    private readonly IDisposable? _held;
    private readonly List<RevisionId> _unpacked = [];

    private RevisionBytes(OpPlace at, EnvironmentLayout layout, IDisposable? held) => (_at, Layout, _held) = (at, layout, held);

    /// <summary>The folder, as an environment's.</summary>
    public EnvironmentLayout Layout { get; }

    /// <summary>Takes the folder. Until it is given up nobody collects what has no revision in the document yet.</summary>
    public static async Task<Outcome<RevisionBytes>> TakeAsync(OpPlace at, CancellationToken cancellationToken) => at is LocalPlace local
        ? (await local.Store.TakeMaterialisationLockAsync(at.Environment, cancellationToken)).Then<RevisionBytes>(held => new RevisionBytes(at, local.Layout, held))
        : new RevisionBytes(at, new EnvironmentLayout(at.Environment, Directory.CreateTempSubdirectory("gtc-revisions-").FullName), null);

    /// <summary>Checks a revision as a worker would find it. A server's bundle is fetched for it, when it has one.</summary>
    public static async Task<Outcome<HealthGate>> CheckAsync(OpPlace at, EnvironmentDocument document, Revision revision, VerbCall call, CancellationToken cancellationToken)
    {
        if (at is not RemotePlace remote)
        {
            return WarmGate.Check(document, revision, ((LocalPlace)at).Layout, cancellationToken);
        }

        if (!(await TakeAsync(at, cancellationToken)).TryGet(out var bytes, out var refusal))
        {
            return refusal;
        }

        await using (bytes)
        {
            return await bytes.FetchAsync(remote, revision, call, cancellationToken) is { } unfetched ? unfetched : WarmGate.Check(document, revision, bytes.Layout, cancellationToken);
        }
    }

    /// <summary>Copies, hashes and unpacks a bundle, looks for secrets in it, and sends it to the server that is to have it.</summary>
    /// <param name="revision">The revision to be.</param>
    /// <param name="bundleId">The deployment's bundle; one that calls itself otherwise is warned of.</param>
    /// <param name="path">The file, absolute.</param>
    /// <param name="digest">What it must be, or null.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<Outcome<MaterializedRevision>> UnpackAsync(RevisionId revision, string bundleId, string path, string? digest, VerbCall call, CancellationToken cancellationToken)
    {
        _unpacked.Add(revision);
        var unpacked = await RevisionBundle.UnpackAsync(Layout, revision, bundleId, path, digest, call, cancellationToken);
        if (_at is not RemotePlace remote || !unpacked.TryGet(out var found, out _))
        {
            return unpacked;
        }

        var sent = await remote.Artifacts.UploadAsync(found.BundleDigest, Path.Combine(Layout.Revision(revision), RevisionBundle.FileName), null, cancellationToken);
        return sent.Then(_ => unpacked);
    }

    /// <summary>Removes what was unpacked for revisions that the environment does not have after all, and gives the folder up.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_at is LocalPlace local)
        {
            foreach (var revision in _unpacked)
            {
                await RevisionBundle.RemoveUnusedAsync(local, revision);
            }
        }
        else
        {
            Directory.Delete(Layout.Folder, recursive: true);
        }

        _held?.Dispose();
    }

    private async Task<Refusal?> FetchAsync(RemotePlace remote, Revision revision, VerbCall call, CancellationToken cancellationToken)
    {
        if (!Sha256Digest.TryParse(revision.BundleDigest, out var digest))
        {
            return null;
        }

        if (!(await remote.Artifacts.FindAsync(digest, cancellationToken)).TryGet(out var size, out var refusal))
        {
            return refusal;
        }

        if (size is not { } length)
        {
            return null;
        }

        var path = Path.Combine(Layout.Folder, "fetched.gtbundle");
        var fetched = await remote.Artifacts.DownloadAsync(digest, path, length, null, cancellationToken);
        return fetched.Refusal ?? (await RevisionBundle.UnpackAsync(Layout, revision.RevisionId, revision.BundleId, path, revision.BundleDigest, call, cancellationToken)).Refusal;
    }
}
