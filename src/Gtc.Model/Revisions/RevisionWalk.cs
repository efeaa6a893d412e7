using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>A chain of edges through a revision's life, taken in one verb (environment-model.md §4.5).</summary>
/// <param name="Final">Where every chain ends.</param>
/// <param name="Edges">The edges in the order they are tried.</param>
internal sealed record RevisionWalk(RevisionLifecycle Final, ImmutableArray<(RevisionLifecycle From, RevisionLifecycle To)> Edges)
{
    public static RevisionWalk Warm { get; } = new(RevisionLifecycle.Ready,
    [
        (RevisionLifecycle.Staged, RevisionLifecycle.Warming),
        (RevisionLifecycle.Warming, RevisionLifecycle.Ready),
    ]);

    public static RevisionWalk Drain { get; } = new(RevisionLifecycle.Draining, [(RevisionLifecycle.Ready, RevisionLifecycle.Draining)]);

    public static RevisionWalk CompleteDrain { get; } = new(RevisionLifecycle.Inactive, [(RevisionLifecycle.Draining, RevisionLifecycle.Inactive)]);

    public static RevisionWalk Retry { get; } = new(RevisionLifecycle.Staged, [(RevisionLifecycle.Failed, RevisionLifecycle.Staged)]);

    public static RevisionWalk Archive { get; } = new(RevisionLifecycle.Archived,
    [
        (RevisionLifecycle.Staged, RevisionLifecycle.Archived),
        (RevisionLifecycle.Warming, RevisionLifecycle.Archived),
        (RevisionLifecycle.Ready, RevisionLifecycle.Archived),
        (RevisionLifecycle.Failed, RevisionLifecycle.Archived),
        (RevisionLifecycle.Draining, RevisionLifecycle.Inactive),
        (RevisionLifecycle.Inactive, RevisionLifecycle.Archived),
    ]);

    /// <summary>Walks without changing anything.</summary>
    /// <returns>The revision as it is, and how many edges lie ahead: none when it is at the end already, which is no error.</returns>
    public Outcome<(Revision Revision, int Edges)> Take(EnvironmentDocument document, RevisionId id, RevisionLifecycle? expectedStart)
    {
        if (!Find.Revision(document, id).TryGet(out var revision, out var missing))
        {
            return missing;
        }

        var at = revision.Lifecycle;
        if (expectedStart is { } expected && at != expected && at != Final)
        {
            return Misplaced(revision, [expected]);
        }

        var taken = 0;
        foreach (var (from, to) in Edges)
        {
            if (at == from)
            {
                at = LifecycleTable.Allows(from, to) ? to : throw new InvalidOperationException($"A walk takes {from} to {to}, an edge that does not exist.");
                taken++;
            }
        }

        return at == Final ? (revision, taken) : Misplaced(revision, [.. Edges.Select(edge => edge.From)]);
    }

    private Refusal.Conflict Misplaced(Revision revision, ImmutableArray<RevisionLifecycle> expected) =>
        new($"revision {revision.RevisionId} is {RevisionVerbs.Text(revision.Lifecycle)} and cannot become {RevisionVerbs.Text(Final)}")
        {
            Details =
            [
                new("expected", string.Join(", ", expected.Select(RevisionVerbs.Text))),
                new("found", RevisionVerbs.Text(revision.Lifecycle)),
            ],
            Next = revision.Lifecycle == RevisionLifecycle.Failed && Final == RevisionLifecycle.Ready ? $"gtc op revisions retry {revision.EnvId} --revision {revision.RevisionId}" : null,
        };
}
