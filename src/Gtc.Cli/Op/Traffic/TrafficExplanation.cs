using System.Collections.Immutable;
using System.Text;
using Gtc.Model;
using Gtc.Routing;

namespace Gtc.Cli.Op.Traffic;

/// <summary>What <c>traffic explain</c> takes.</summary>
internal sealed record ExplainTrafficPayload
{
    public string? EnvironmentId { get; init; }

    public string? DeploymentId { get; init; }

    public ImmutableArray<string> Callers { get => field.IsDefault ? [] : field; init; }

    public string? CallersFrom { get; init; }
}

/// <summary>What one caller is given by the shares; a revision is null where nothing is routed, or nothing is known.</summary>
internal sealed record ExplainedCaller(string Caller, int Slot, string? Now, string? Before, string? AfterRollback);

/// <summary>One revision's share, and how many of the callers it has and what the last change did to them.</summary>
internal sealed record ExplainedShare(string RevisionId, uint WeightBps, int Callers, int Came, int Left);

/// <summary>What the dial does with callers.</summary>
internal sealed record TrafficExplanation
{
    public required string EnvironmentId { get; init; }

    public required string DeploymentId { get; init; }

    public required string BundleId { get; init; }

    public required ulong Generation { get; init; }

    /// <summary>Whether it is known what was before; without it nobody is said to have moved.</summary>
    public required bool HasPrevious { get; init; }

    /// <summary>Why a rollback would be refused, or null.</summary>
    public required string? RollbackRefused { get; init; }

    /// <summary>How many of the callers the last change gave another revision.</summary>
    public required int Moved { get; init; }

    public required IReadOnlyList<ExplainedShare> Shares { get; init; }

    public required IReadOnlyList<ExplainedCaller> Callers { get; init; }

    /// <summary>Explains a dial that was set at least once.</summary>
    /// <param name="document">The environment.</param>
    /// <param name="dial">The dial's summary.</param>
    /// <param name="deployment">The deployment.</param>
    /// <param name="callers">The callers' keys.</param>
    /// <param name="at">The time at which a rollback is tried.</param>
    public static TrafficExplanation Of(EnvironmentDocument document, TrafficSummary dial, DeploymentId deployment, IEnumerable<string> callers, DateTimeOffset at)
    {
        var before = TrafficUndo.Before(document, deployment);
        var rollback = TrafficUndo.Rollback(document, deployment, at);
        var now = Holders(document.TrafficSplits.FirstOrDefault(split => split.DeploymentId == deployment));
        var then = Holders(before.Match(split => split, _ => (TrafficSplit?)null));
        var after = Holders(rollback.Match(change => change.Split, _ => null));
        var slots = new CallerSlot(deployment);
        List<ExplainedCaller> explained = [.. callers.Select(caller =>
        {
            var slot = slots.Of(Encoding.UTF8.GetBytes(caller));
            return new ExplainedCaller(caller, slot, now(slot), then(slot), after(slot));
        })];
        return new()
        {
            EnvironmentId = dial.EnvironmentId,
            DeploymentId = dial.DeploymentId,
            BundleId = dial.BundleId,
            Generation = dial.Generation,
            HasPrevious = before.IsOk,
            RollbackRefused = rollback.Refusal?.Message,
            Moved = before.IsOk ? explained.Count(caller => caller.Now != caller.Before) : 0,
            Shares = [.. dial.Entries.Select(entry => Share(entry, explained, before.IsOk))],
            Callers = explained,
        };
    }

    private static ExplainedShare Share(ShareSummary entry, List<ExplainedCaller> callers, bool hasBefore) => new(
        entry.RevisionId,
        entry.WeightBps,
        callers.Count(caller => caller.Now == entry.RevisionId),
        hasBefore ? callers.Count(caller => caller.Now == entry.RevisionId && caller.Before != entry.RevisionId) : 0,
        hasBefore ? callers.Count(caller => caller.Now != entry.RevisionId && caller.Before == entry.RevisionId) : 0);

    private static Func<int, string?> Holders(TrafficSplit? split)
    {
        if (split is null || split.Entries.IsEmpty)
        {
            return _ => null;
        }

        var holders = SplitSlots.Read(split.Entries);
        var names = split.Entries.Select(entry => entry.RevisionId.ToString()).ToArray();
        return slot => holders[slot] < names.Length ? names[holders[slot]] : null;
    }
}
