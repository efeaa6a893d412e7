using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Deployers.Fleet;

/// <summary>
/// How many devices each revision gets: the exact share rounded down or up, so that no share is off by a whole device, and rounded so that as few
/// devices as possible move. With up to three revisions one whose share stays keeps its devices, all of them and no more.
/// </summary>
internal static class DeviceQuotas
{
    /// <summary>What labels remember, where that is a rounding of the shares already: then nothing is rounded anew and a rollback restores all of it. Else null.</summary>
    /// <param name="shares">The shares; their weights sum to 10,000.</param>
    /// <param name="homes">How many devices remember each of them.</param>
    /// <param name="devices">How many devices there are.</param>
    public static int[]? Restored(ImmutableArray<TrafficShare> shares, int[] homes, int devices)
    {
        for (var index = 0; index < shares.Length; index++)
        {
            var (least, rest) = Math.DivRem((long)devices * shares[index].WeightBps, TrafficSplit.Whole);
            if (homes[index] != least && (homes[index] != least + 1 || rest == 0))
            {
                return null;
            }
        }

        return homes.Sum() == devices ? homes : null;
    }

    /// <summary>The numbers; they sum to the number of devices.</summary>
    /// <param name="shares">The shares; their weights sum to 10,000.</param>
    /// <param name="present">How many devices each of them has now.</param>
    /// <param name="devices">How many devices there are.</param>
    public static int[] Of(ImmutableArray<TrafficShare> shares, ReadOnlySpan<int> present, int devices)
    {
        var quotas = new int[shares.Length];
        var rests = new long[shares.Length];
        var ranks = new int[shares.Length];
        var left = devices;
        var isFirst = present.IndexOfAnyExcept(0) < 0;
        for (var index = 0; index < shares.Length; index++)
        {
            var exact = (long)devices * shares[index].WeightBps;
            quotas[index] = (int)(exact / TrafficSplit.Whole);
            rests[index] = exact % TrafficSplit.Whole;
            ranks[index] = isFirst ? 0 : Rank(present[index] - quotas[index]);
            left -= quotas[index];
        }

        foreach (var index in Enumerable.Range(0, shares.Length)
            .Where(index => rests[index] > 0)
            .OrderBy(index => ranks[index]).ThenByDescending(index => rests[index]).ThenByDescending(index => shares[index].RevisionId.Value)
            .Take(left))
        {
            quotas[index]++;
        }

        return quotas;
    }

    /// <summary>
    /// Who is rounded up first: one that then keeps exactly what it has, one that then loses one device less, one that gains anyway, and last one that
    /// would gain by this alone. Where nothing runs yet the largest rests are rounded up, so that whoever is rounded down had less than half a device
    /// coming; without that, one that lost most of a device would get it later, at a moment when its share stays.
    /// </summary>
    private static int Rank(int surplus) => surplus switch
    {
        1 => 0,
        > 1 => 1,
        < 0 => 2,
        _ => 3,
    };
}
