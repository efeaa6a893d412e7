namespace Gtc.Model;

/// <summary>
/// One line of <c>usage/</c>: what one worker process has counted for one source since the hour began. Numbers are totals of that hour, not
/// differences, so a line that is read twice, or stands beside an older one, changes nothing.
/// </summary>
public sealed record UsageRow
{
    /// <summary>Always <see cref="Schemas.UsageRow"/>.</summary>
    public required string Schema { get; init; }

    /// <summary>The id of the worker process; a restarted worker is another one.</summary>
    public required string Worker { get; init; }

    /// <summary>The beginning of the hour, UTC.</summary>
    public required DateTimeOffset Hour { get; init; }

    /// <summary>Who is billed.</summary>
    public required string CustomerId { get; init; }

    /// <summary>Whose calls these were.</summary>
    public required string Tenant { get; init; }

    /// <summary>The deployment.</summary>
    public required DeploymentId DeploymentId { get; init; }

    /// <summary>Its bundle.</summary>
    public required string BundleId { get; init; }

    /// <summary>The revision.</summary>
    public required RevisionId RevisionId { get; init; }

    /// <summary>See <see cref="UsageCounts.Requests"/>.</summary>
    public required long Requests { get; init; }

    /// <summary>See <see cref="UsageCounts.FlowRuns"/>.</summary>
    public required long FlowRuns { get; init; }

    /// <summary>See <see cref="UsageCounts.ComponentCalls"/>.</summary>
    public required long ComponentCalls { get; init; }

    /// <summary>See <see cref="UsageCounts.BytesIn"/>.</summary>
    public required long BytesIn { get; init; }

    /// <summary>See <see cref="UsageCounts.BytesOut"/>.</summary>
    public required long BytesOut { get; init; }

    /// <summary>The row of a worker.</summary>
    public static UsageRow Of(string worker, UsageHour hour)
    {
        ArgumentNullException.ThrowIfNull(hour);
        return new()
        {
            Schema = Schemas.UsageRow,
            Worker = worker,
            Hour = hour.Hour,
            CustomerId = hour.Source.CustomerId,
            Tenant = hour.Source.Tenant,
            DeploymentId = hour.Source.DeploymentId,
            BundleId = hour.Source.BundleId,
            RevisionId = hour.Source.RevisionId,
            Requests = hour.Counts.Requests,
            FlowRuns = hour.Counts.FlowRuns,
            ComponentCalls = hour.Counts.ComponentCalls,
            BytesIn = hour.Counts.BytesIn,
            BytesOut = hour.Counts.BytesOut,
        };
    }

    /// <summary>What it says, without who says it.</summary>
    public UsageHour ToHour() => new(
        new UsageSource(CustomerId, Tenant, DeploymentId, BundleId, RevisionId), Hour, new UsageCounts(Requests, FlowRuns, ComponentCalls, BytesIn, BytesOut));
}
