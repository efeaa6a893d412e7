using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Gtc.Model;

namespace Gtc.Cli.Op.Traffic;

/// <summary>What <c>traffic set</c> takes (op-cli.md §12).</summary>
internal sealed record SetTrafficPayload
{
    /// <summary>Whether the cluster follows at once.</summary>
    public bool Reconcile { get; init; }

    public string? EnvironmentId { get; init; }

    public string? DeploymentId { get; init; }

    public ImmutableArray<TrafficSharePayload> Entries { get => field.IsDefault ? [] : field; init; }

    public string? UpdatedBy { get; init; }

    public string? IdempotencyKey { get; init; }

    public string? AuthorizationRef { get; init; }
}

/// <summary>One revision's share; basis points win over percent.</summary>
internal sealed record TrafficSharePayload
{
    public required string RevisionId { get; init; }

    public uint? WeightBps { get; init; }

    public uint? WeightPercent { get; init; }
}

/// <summary>What <c>traffic rollback</c> takes.</summary>
internal sealed record RollbackPayload
{
    /// <summary>Whether the cluster follows at once.</summary>
    public bool Reconcile { get; init; }

    public string? EnvironmentId { get; init; }

    public string? DeploymentId { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>What <c>traffic clear</c> takes.</summary>
internal sealed record ClearTrafficPayload
{
    /// <summary>Whether the cluster follows at once.</summary>
    public bool Reconcile { get; init; }

    public string? EnvironmentId { get; init; }

    public string? DeploymentId { get; init; }

    public string? UpdatedBy { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>One revision's share in answers.</summary>
internal sealed record ShareSummary(string RevisionId, uint WeightBps);

/// <summary>A dial in answers (op-cli.md §12); <c>idempotency_key</c> is gtc's own. A deployment out of routing has no entries, and the generation since it is.</summary>
internal sealed record TrafficSummary
{
    public required string EnvironmentId { get; init; }

    public required string DeploymentId { get; init; }

    public required string BundleId { get; init; }

    public required ulong Generation { get; init; }

    public required IReadOnlyList<ShareSummary> Entries { get; init; }

    public required bool HasPrevious { get; init; }

    public required string IdempotencyKey { get; init; }

    /// <summary>The summary of a split.</summary>
    public static TrafficSummary Of(TrafficSplit split) => new()
    {
        EnvironmentId = split.EnvId.ToString(),
        DeploymentId = split.DeploymentId.ToString(),
        BundleId = split.BundleId,
        Generation = split.Generation,
        Entries = [.. split.Entries.Select(entry => new ShareSummary(entry.RevisionId.ToString(), entry.WeightBps))],
        HasPrevious = split.PreviousSplitRef is not null,
        IdempotencyKey = split.IdempotencyKey,
    };

    /// <summary>The summary of a deployment's dial, cleared or not; null when it was never set.</summary>
    public static TrafficSummary? OfDial(EnvironmentDocument document, DeploymentId id)
    {
        if (document.TrafficSplits.FirstOrDefault(split => split.DeploymentId == id) is { } split)
        {
            return Of(split);
        }

        return document.Bundles.FirstOrDefault(deployment => deployment.DeploymentId == id) is { ClearedTraffic: { } cleared } deployment
            ? new()
            {
                EnvironmentId = deployment.EnvId.ToString(),
                DeploymentId = id.ToString(),
                BundleId = deployment.BundleId,
                Generation = cleared.Generation,
                Entries = [],
                HasPrevious = cleared.PreviousSplitRef is not null,
                IdempotencyKey = cleared.IdempotencyKey,
            }
            : null;
    }
}
