using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Gtc.Model;

/// <summary>
/// Who holds which basis point of a split. A caller falls on one of 10,000 slots by a hash alone; a split says which revision holds each slot.
/// When shares change, a falling revision gives up exactly as many slots as it loses and a rising one takes exactly those, so nobody else's
/// callers move, whatever the number of revisions. A function of the new shares alone cannot do that (docs/decisions/0006-slots.md), therefore a
/// split carries its slots as an additive member of its entries.
/// </summary>
public static class SplitSlots
{
    /// <summary>How many slots there are: one per basis point.</summary>
    public const int Count = (int)TrafficSplit.Whole;

    private const ushort Free = ushort.MaxValue;

    /// <summary>The shares with their slots, moved as little as possible from what was.</summary>
    /// <param name="before">The split before, or null.</param>
    /// <param name="shares">The new shares; their weights sum to 10,000.</param>
    public static ImmutableArray<TrafficShare> Assign(TrafficSplit? before, ImmutableArray<TrafficShare> shares)
    {
        var holders = Settle(before is null ? Empty() : Held(before.Entries, shares), shares);
        return [.. shares.Select((share, index) => share with { Slots = Write(holders, (ushort)index) })];
    }

    /// <summary>For each slot the index of the share that holds it. What the shares say about slots is kept as far as it fits their weights.</summary>
    /// <param name="shares">The shares; their weights sum to 10,000.</param>
    public static ushort[] Read(ImmutableArray<TrafficShare> shares) => Settle(Held(shares, shares), shares);

    private static ushort[] Empty()
    {
        var holders = new ushort[Count];
        Array.Fill(holders, Free);
        return holders;
    }

    /// <summary>The holders that one list of shares names, as indexes into another.</summary>
    private static ushort[] Held(ImmutableArray<TrafficShare> naming, ImmutableArray<TrafficShare> shares)
    {
        var holders = Empty();
        foreach (var share in naming)
        {
            var index = IndexOf(shares, share.RevisionId);
            if (index < 0)
            {
                continue;
            }

            foreach (var (first, last) in Ranges(share.Slots))
            {
                holders.AsSpan(first..(last + 1)).Replace(Free, (ushort)index);
            }
        }

        return holders;
    }

    /// <summary>Gives every share exactly as many slots as its weight: first the surplus is released, then what is free is taken, by the order of ids.</summary>
    private static ushort[] Settle(ushort[] holders, ImmutableArray<TrafficShare> shares)
    {
        var counts = new int[shares.Length];
        foreach (var holder in holders.Where(holder => holder != Free))
        {
            counts[holder]++;
        }

        for (var slot = Count - 1; slot >= 0; slot--)
        {
            var holder = holders[slot];
            if (holder != Free && counts[holder] > shares[holder].WeightBps)
            {
                counts[holder]--;
                holders[slot] = Free;
            }
        }

        // By id and not by place: the same shares in another order give the same slots.
        var slotToTake = 0;
        foreach (var index in Enumerable.Range(0, shares.Length).OrderBy(index => shares[index].RevisionId.Value))
        {
            for (; counts[index] < shares[index].WeightBps && slotToTake < Count; slotToTake++)
            {
                if (holders[slotToTake] == Free)
                {
                    holders[slotToTake] = (ushort)index;
                    counts[index]++;
                }
            }
        }

        return holders;
    }

    private static int IndexOf(ImmutableArray<TrafficShare> shares, RevisionId revision)
    {
        for (var index = 0; index < shares.Length; index++)
        {
            if (shares[index].RevisionId == revision)
            {
                return index;
            }
        }

        return -1;
    }

    /// <summary>Writes ranges as <c>0-8999,9500</c>; empty when there is none.</summary>
    private static string Write(ushort[] holders, ushort index)
    {
        var text = new StringBuilder();
        for (var slot = 0; slot < Count; slot++)
        {
            if (holders[slot] != index)
            {
                continue;
            }

            var last = slot;
            while (last + 1 < Count && holders[last + 1] == index)
            {
                last++;
            }

            text.Append(text.Length == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $"{slot}");
            if (last > slot)
            {
                text.Append(CultureInfo.InvariantCulture, $"-{last}");
            }

            slot = last;
        }

        return text.ToString();
    }

    /// <summary>Reads ranges; a part that is none is left out, for the weights decide in the end.</summary>
    private static IEnumerable<(int First, int Last)> Ranges(string? text)
    {
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Take(Count))
        {
            var dash = part.IndexOf('-', StringComparison.Ordinal);
            if (int.TryParse(dash < 0 ? part : part[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                && int.TryParse(dash < 0 ? part : part[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
                && first <= last && last < Count)
            {
                yield return (first, last);
            }
        }
    }
}
