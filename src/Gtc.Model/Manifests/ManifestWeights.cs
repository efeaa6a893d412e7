using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>The shares that a manifest's revisions get.</summary>
public static class ManifestWeights
{
    /// <summary>Basis points in the order of the revisions: the given weights, or without any equal floors with the remainder on the first.</summary>
    /// <param name="revisions">Checked revisions, see <see cref="Manifests.Check"/>.</param>
    public static ImmutableArray<uint> Resolve(ImmutableArray<ManifestRevision> revisions)
    {
        if (revisions.Any(revision => (revision.WeightBps ?? revision.WeightPercent) is not null))
        {
            return [.. revisions.Select(revision => revision.WeightBps ?? (revision.WeightPercent ?? 0) * 100)];
        }

        var floor = TrafficSplit.Whole / (uint)revisions.Length;
        var rest = TrafficSplit.Whole - (floor * (uint)revisions.Length);
        return [.. revisions.Select((_, index) => index == 0 ? floor + rest : floor)];
    }
}
