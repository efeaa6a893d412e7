using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Routing;

/// <summary>The weighted draw of dispatcher.md §1: walk in stored order, subtracting.</summary>
public static class WeightedChoice
{
    /// <summary>The sum of all weights; 0 when nothing can be drawn.</summary>
    public static uint Total(ImmutableArray<RoutedRevision> revisions)
    {
        var total = 0u;
        foreach (var revision in revisions)
        {
            total += revision.WeightBps;
        }

        return total;
    }

    /// <summary>The revision that a point falls on.</summary>
    /// <param name="revisions">The revisions in stored order.</param>
    /// <param name="point">Uniform in [0, <see cref="Total"/>).</param>
    /// <returns>The revision, or null when the point is beyond the total.</returns>
    public static RevisionId? Pick(ImmutableArray<RoutedRevision> revisions, uint point)
    {
        foreach (var revision in revisions)
        {
            if (point < revision.WeightBps)
            {
                return revision.Revision;
            }

            point -= revision.WeightBps;
        }

        return null;
    }
}
