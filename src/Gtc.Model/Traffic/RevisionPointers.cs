using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>
/// Three names for revisions of a deployment, computed from its split, what the split was before, and what waits beside it (decision 18). Nothing
/// about them is stored, so they never disagree with the dial.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item><b>stable</b>: the entry of the split with the largest share. Of equal ones the one that was stable before; else the first. None without a split.</item>
/// <item><b>previous</b>: what is stable once the dial is rolled back. None when there is no way back, or when that leads out of routing.</item>
/// <item>
/// <b>next</b>: what comes. It is never <c>stable</c>. The first that there is of: the entry whose share rose most in the last change, of equal ones the
/// newest; the newest entry, the newest previewed revision, the newest ready revision outside the split, each staged after <c>stable</c>.
/// </item>
/// </list>
/// </remarks>
/// <param name="Stable">Where most callers are, or null.</param>
/// <param name="Previous">Where a rollback leads, or null.</param>
/// <param name="Next">What comes, or null.</param>
public sealed record RevisionPointers(RevisionId? Stable, RevisionId? Previous, RevisionId? Next)
{
    /// <summary>The name of <see cref="Stable"/>.</summary>
    public const string StableName = "stable";

    /// <summary>The name of <see cref="Previous"/>.</summary>
    public const string PreviousName = "previous";

    /// <summary>The name of <see cref="Next"/>.</summary>
    public const string NextName = "next";

    /// <summary>Pointers that point nowhere.</summary>
    public static RevisionPointers None { get; } = new(null, null, null);

    /// <summary>The pointers of a deployment. Pure and total: an unknown deployment has none.</summary>
    /// <param name="document">The environment.</param>
    /// <param name="id">The deployment.</param>
    public static RevisionPointers Of(EnvironmentDocument document, DeploymentId id)
    {
        ArgumentNullException.ThrowIfNull(document);
        if (document.Bundles.FirstOrDefault(deployment => deployment.DeploymentId == id) is not { } deployment)
        {
            return None;
        }

        var own = document.Revisions.Where(revision => revision.DeploymentId == id).ToDictionary(revision => revision.RevisionId);
        var entries = Find.Split(document, id)?.Entries ?? [];

        // What is stashed may name revisions that are gone since.
        var before = TrafficUndo.Before(document, id).Match(found => found.Entries, _ => []).RemoveAll(entry => !own.ContainsKey(entry.RevisionId));
        var previous = Largest(before, null);
        var stable = Largest(entries, previous);
        return new(stable, previous, Rising(entries, before, own, stable) ?? Waiting(deployment, entries, own, stable));
    }

    /// <summary>Whether a text is one of the three names, in lower case.</summary>
    public static bool IsName(string text) => text is StableName or PreviousName or NextName;

    /// <summary>The revision that a name stands for; null when it stands for none, or is none.</summary>
    public RevisionId? Named(string name) => name switch
    {
        StableName => Stable,
        PreviousName => Previous,
        NextName => Next,
        _ => null,
    };

    /// <summary>The names that stand for a revision.</summary>
    public ImmutableArray<string> NamesOf(RevisionId revision) =>
    [
        .. Stable == revision ? [StableName] : Array.Empty<string>(),
        .. Previous == revision ? [PreviousName] : Array.Empty<string>(),
        .. Next == revision ? [NextName] : Array.Empty<string>(),
    ];

    private static RevisionId? Largest(ImmutableArray<TrafficShare> entries, RevisionId? favourite)
    {
        if (entries.IsEmpty)
        {
            return null;
        }

        var most = entries.Max(entry => entry.WeightBps);
        return entries.Any(entry => entry.WeightBps == most && entry.RevisionId == favourite) ? favourite : entries.First(entry => entry.WeightBps == most).RevisionId;
    }

    /// <summary>The entry that won most in the last change; none when it is not known what was before.</summary>
    private static RevisionId? Rising(ImmutableArray<TrafficShare> entries, ImmutableArray<TrafficShare> before, Dictionary<RevisionId, Revision> own, RevisionId? stable) => before.IsEmpty
        ? null
        : entries
            .Where(entry => entry.RevisionId != stable)
            .Select(entry => (entry.RevisionId, Gain: (long)entry.WeightBps - (before.FirstOrDefault(old => old.RevisionId == entry.RevisionId)?.WeightBps ?? 0)))
            .Where(entry => entry.Gain > 0)
            .OrderByDescending(entry => entry.Gain)
            .ThenByDescending(entry => own[entry.RevisionId].Sequence)
            .Select(entry => (RevisionId?)entry.RevisionId)
            .FirstOrDefault();

    private static RevisionId? Waiting(BundleDeployment deployment, ImmutableArray<TrafficShare> entries, Dictionary<RevisionId, Revision> own, RevisionId? stable)
    {
        var since = stable is { } current ? own[current].Sequence : 0;
        RevisionId? Newest(IEnumerable<Revision> candidates) => candidates.Where(revision => revision.Sequence > since).MaxBy(revision => revision.Sequence)?.RevisionId;
        return Newest(entries.Select(entry => own[entry.RevisionId]))
            ?? Newest((deployment.Previews ?? []).Select(preview => own[preview.RevisionId]).Where(revision => PreviewRules.CanBeSeen(revision.Lifecycle)))
            ?? Newest(own.Values.Where(revision => revision.Lifecycle == RevisionLifecycle.Ready && entries.All(entry => entry.RevisionId != revision.RevisionId)));
    }
}
