using System.Globalization;

namespace Gtc.Model;

/// <summary>What <c>revisions archive --force</c> asks for.</summary>
/// <param name="RevisionId">The revision.</param>
/// <param name="UpdatedBy">Who asks.</param>
/// <param name="IdempotencyKey">The key of the request; a cleared dial keeps it.</param>
public sealed record ForceArchive(RevisionId RevisionId, string UpdatedBy, string IdempotencyKey);

/// <summary>How a forced archive ended.</summary>
/// <param name="Walked">The revision's way to its end.</param>
/// <param name="Dial">What became of its deployment's dial, or null when the revision was not routed.</param>
public sealed record ForcedArchive(WalkedRevision Walked, DialChange? Dial)
{
    /// <summary>
    /// Clears the dial, drains and archives, in one change. A dial on which other revisions carry traffic is left alone and the request refused:
    /// clearing it would cut those callers off, and it could not be rolled back once the revision is archived. Pure.
    /// </summary>
    public static Outcome<ForcedArchive> Of(EnvironmentDocument document, ForceArchive command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(command);
        if (!Find.Revision(document, command.RevisionId).TryGet(out var revision, out var refusal)
            || !Clear(document, revision, command, now).TryGet(out var dial, out refusal))
        {
            return refusal;
        }

        var unrouted = dial?.Document ?? document;
        var drained = revision.Lifecycle == RevisionLifecycle.Ready
            ? RevisionVerbs.Drain(unrouted, revision.RevisionId).Then<EnvironmentDocument>(walked => walked.Document)
            : unrouted;
        return drained
            .Then(after => RevisionVerbs.Archive(after, revision.RevisionId))
            .Then<ForcedArchive>(walked => new ForcedArchive(walked with { StartingLifecycle = revision.Lifecycle }, dial));
    }

    private static Outcome<DialChange?> Clear(EnvironmentDocument document, Revision revision, ForceArchive command, DateTimeOffset now)
    {
        if (document.TrafficSplits.FirstOrDefault(split => split.Entries.Any(entry => entry.RevisionId == revision.RevisionId)) is not { } split)
        {
            return (DialChange?)null;
        }

        return split.Entries.Any(entry => entry.RevisionId != revision.RevisionId && entry.WeightBps > 0)
            ? Shared(split, revision.RevisionId)
            : TrafficUndo.Clear(document, new ClearTraffic(split.DeploymentId, command.UpdatedBy, command.IdempotencyKey), now).Then<DialChange?>(change => change);
    }

    private static Refusal.Conflict Shared(TrafficSplit split, RevisionId id)
    {
        var others = StaleRevisions.Scale(split.Entries.RemoveAll(entry => entry.RevisionId == id || entry.WeightBps == 0));
        var weights = others.Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.RevisionId}={entry.WeightBps}bps"));
        return new($"revision {id} shares the traffic of deployment {split.DeploymentId} with others; clearing it for this one would cut their callers off")
        {
            Details = [.. split.Entries.Select(entry => new RefusalDetail(entry.RevisionId.ToString(), $"{entry.WeightBps} of {TrafficSplit.Whole} basis points"))],
            Next = $"gtc op traffic set {split.EnvId} --deployment {split.DeploymentId} {string.Join(' ', weights)}",
        };
    }
}
