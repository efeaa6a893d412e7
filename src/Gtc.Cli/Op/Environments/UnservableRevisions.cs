using System.Collections.Immutable;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Environments;

/// <summary>Routed revisions that no worker could serve: what they consist of is gone, and there is no source to pull it from.</summary>
internal static class UnservableRevisions
{
    private const string NoPackList = "its pack list is gone, and there is no source to pull it from";
    private const string NoBundle = "the store server does not have its bundle, and there is no source to pull it from";

    /// <summary>Finds them.</summary>
    public static async Task<Outcome<ImmutableArray<StaleRevisionShown>>> FindAsync(EnvironmentDocument document, OpPlace at, CancellationToken cancellationToken) => at is RemotePlace remote
        ? await FindAsync(document, remote, cancellationToken)
        : StaleRevisionScan.Find(((LocalPlace)at).Store.Files(at.Environment), document).Then<ImmutableArray<StaleRevisionShown>>(stale =>
            stale.Select(found => Shown(found.Revision, found.ExpectedPath, NoPackList, $"gtc op env repair {at.Environment} --apply")).ToImmutableArray());

    private static async Task<Outcome<ImmutableArray<StaleRevisionShown>>> FindAsync(EnvironmentDocument document, RemotePlace at, CancellationToken cancellationToken)
    {
        var routed = document.TrafficSplits.SelectMany(split => split.Entries).Select(entry => entry.RevisionId).ToHashSet();
        var stale = ImmutableArray.CreateBuilder<StaleRevisionShown>();
        foreach (var revision in document.Revisions.Where(revision => routed.Contains(revision.RevisionId) && revision.BundleSourceUri is null))
        {
            if (!Sha256Digest.TryParse(revision.BundleDigest, out var digest))
            {
                continue;
            }

            if (!(await at.Artifacts.FindAsync(digest, cancellationToken)).TryGet(out var size, out var refusal))
            {
                return refusal;
            }

            if (size is null)
            {
                stale.Add(Shown(revision, $"{at.Shown}artifacts/{digest}", NoBundle, $"gtc op revisions stage {at.Environment} bundle_path=FILE"));
            }
        }

        return stale.ToImmutable();
    }

    private static StaleRevisionShown Shown(Revision revision, string expected, string detail, string fix) =>
        new(revision.DeploymentId.ToString(), revision.RevisionId.ToString(), revision.BundleId, revision.PackListLockRef, expected, detail, fix);
}
