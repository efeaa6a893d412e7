using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>What a collection leaves behind.</summary>
/// <param name="Document">The document after.</param>
/// <param name="Removed">The revisions that are gone; their folders may be deleted.</param>
/// <param name="Spent">Archived revisions beyond those to keep that stay in the document all the same; their folders may be deleted too.</param>
public sealed record PrunedRevisions(EnvironmentDocument Document, ImmutableArray<Revision> Removed, ImmutableArray<Revision> Spent);

/// <summary>Decides which archived revisions are no longer kept (op-cli.md §11, <c>revisions gc</c>). Pure.</summary>
public static class RevisionRetention
{
    /// <summary>
    /// Removes the archived revisions of each deployment beyond the newest <paramref name="keep"/>. The newest revision of a deployment always
    /// stays, archived or not, so that its sequence number is never given twice; so does one that a split names.
    /// </summary>
    /// <param name="document">The document.</param>
    /// <param name="keep">How many to keep per deployment, or null for what the environment's own <c>retention.keep_revisions</c> says; when that is unset too, all.</param>
    public static Outcome<PrunedRevisions> Prune(EnvironmentDocument document, uint? keep)
    {
        ArgumentNullException.ThrowIfNull(document);
        if ((keep ?? document.Retention.KeepRevisions) is not { } kept)
        {
            return new PrunedRevisions(document, [], []);
        }

        var routed = document.TrafficSplits.SelectMany(split => split.Entries).Select(entry => entry.RevisionId).ToHashSet();
        var newest = document.Revisions.GroupBy(revision => revision.DeploymentId).Select(siblings => siblings.MaxBy(revision => revision.Sequence)!.RevisionId).ToHashSet();
        var surplus = document.Revisions
            .GroupBy(revision => revision.DeploymentId)
            .SelectMany(siblings => Surplus(siblings, kept))
            .Where(revision => !routed.Contains(revision.RevisionId))
            .ToLookup(revision => newest.Contains(revision.RevisionId));
        var removed = surplus[false].ToImmutableArray();
        var ids = removed.Select(revision => revision.RevisionId).ToHashSet();
        var after = document with
        {
            Revisions = document.Revisions.RemoveAll(revision => ids.Contains(revision.RevisionId)),
            Bundles = [.. document.Bundles.Select(d => d with { CurrentRevisions = d.CurrentRevisions.RemoveAll(ids.Contains) })],
        };
        return Find.Sound(after, new PrunedRevisions(after, removed, [.. surplus[true]]));
    }

    private static IEnumerable<Revision> Surplus(IEnumerable<Revision> siblings, uint keep) => siblings
        .Where(revision => revision.Lifecycle == RevisionLifecycle.Archived)
        .OrderByDescending(revision => revision.Sequence)
        .Skip((int)Math.Min(keep, int.MaxValue))
        .Reverse();
}
