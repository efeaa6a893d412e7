using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>Repairs a document whose revisions lost their files (op-cli.md §5.4). Pure.</summary>
public static class StaleRevisions
{
    /// <summary>
    /// Takes revisions out of every split, scales the others to the whole, drops splits that are left empty and archives the revisions.
    /// Each touched split gets a new generation. Proportions are kept: floors first, the remainder to the heaviest, the first one on a tie.
    /// </summary>
    public static Outcome<EnvironmentDocument> Drop(EnvironmentDocument document, ImmutableHashSet<RevisionId> stale, string updatedBy, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(stale);
        var after = document;
        foreach (var split in document.TrafficSplits.Where(split => split.Entries.Any(entry => stale.Contains(entry.RevisionId))))
        {
            if (!Generations.Next(split.Generation, $"the dial of deployment {split.DeploymentId}").TryGet(out var generation, out var refusal))
            {
                return refusal;
            }

            after = Repaired(after, split, stale, new ClearedTraffic
            {
                Generation = generation,
                UpdatedAt = now,
                UpdatedBy = updatedBy,
                IdempotencyKey = $"repair-{split.DeploymentId}-{generation}",
            });
        }

        foreach (var id in document.Revisions.Select(revision => revision.RevisionId).Where(stale.Contains))
        {
            if (!RevisionVerbs.Archive(after, id).TryGet(out var archived, out var refusal))
            {
                return refusal;
            }

            after = archived.Document;
        }

        return Find.Sound(after, after);
    }

    /// <summary>Scales shares to the whole; shares that are all zero become equal.</summary>
    internal static ImmutableArray<TrafficShare> Scale(ImmutableArray<TrafficShare> shares)
    {
        var weights = shares.Select(share => (ulong)share.WeightBps).ToArray();
        var sum = weights.Aggregate(0ul, (total, weight) => total + weight);
        if (sum == 0)
        {
            Array.Fill(weights, 1ul);
            sum = (ulong)weights.Length;
        }

        var scaled = weights.Select(weight => (uint)(weight * TrafficSplit.Whole / sum)).ToArray();
        var rest = TrafficSplit.Whole - (uint)scaled.Sum(weight => weight);
        scaled[Array.IndexOf(weights, weights.Max())] += rest;
        return [.. shares.Select((share, index) => share with { WeightBps = scaled[index] })];
    }

    private static EnvironmentDocument Repaired(EnvironmentDocument document, TrafficSplit split, ImmutableHashSet<RevisionId> stale, ClearedTraffic stamp)
    {
        var survivors = split.Entries.RemoveAll(entry => stale.Contains(entry.RevisionId));
        return survivors.IsEmpty
            ? document with
            {
                TrafficSplits = document.TrafficSplits.Remove(split),
                Bundles = [.. document.Bundles.Select(d => d.DeploymentId == split.DeploymentId ? d with { ClearedTraffic = stamp } : d)],
            }
            : TrafficVerbs.Put(document, split with
            {
                Entries = SplitSlots.Assign(split, Scale(survivors)),
                Generation = stamp.Generation,
                StickyGeneration = stamp.Generation,
                UpdatedAt = stamp.UpdatedAt,
                UpdatedBy = stamp.UpdatedBy,
                IdempotencyKey = stamp.IdempotencyKey,
                PreviousSplitRef = null,
            });
    }
}
