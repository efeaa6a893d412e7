using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Operator;

/// <summary>What a deployment's status says, from its record and its counters (fleet.md §2.1). Pure: the same always gives the same.</summary>
internal static class StatusRules
{
    private static readonly string[] Optional = ["observedScoreHash", "rollout", "aggregate.lastError", "aggregate.lastError.at"];

    /// <summary>The status as it has to be.</summary>
    /// <param name="record">The resource.</param>
    /// <param name="verdict">Whether it is accepted.</param>
    /// <param name="active">What devices are given, or null when nothing is.</param>
    /// <param name="counts">The counters, or null when nothing is counted.</param>
    /// <param name="error">The text of the newest failure.</param>
    /// <param name="rollout">How far a batched roll-out is, or null.</param>
    /// <param name="isResyncing">Whether the counters are those of before a loss.</param>
    /// <param name="before">The status that was sent last; keeps the times of conditions that did not change.</param>
    /// <param name="now">The time of those that do.</param>
    public static DeploymentStatus Of(
        DeploymentRecord record, Verdict verdict, ActiveDeployment? active, DeploymentCounts? counts, AggregateError? error, RolloutPlan? rollout, bool isResyncing,
        DeploymentStatus? before, DateTimeOffset now)
    {
        var counted = counts ?? new DeploymentCounts(0, 0, 0, 0, null, []);
        var conditions = ImmutableArray.Create(
            Condition("Accepted", verdict.IsAccepted, verdict.Reason, verdict.Message),
            Progressing(active, counted, rollout, isResyncing),
            Available(counted),
            Condition("Degraded", counted.Failed > 0, counted.Failed > 0 ? "DeviceFailures" : "NoFailures", $"{counted.Failed} of {counted.Matched} devices failed"));
        return new DeploymentStatus
        {
            ObservedGeneration = record.Generation,
            ObservedScoreHash = active?.ScoreHash,
            Aggregate = new FleetAggregate
            {
                MatchedDeviceCount = counted.Matched,
                Succeeded = counted.Succeeded,
                Failed = counted.Failed,
                Pending = counted.Pending,
                LastError = error,
                Stale = counted.Stale,
                FailedDevices = counted.FailedSample,
            },
            Rollout = rollout is null ? null : new RolloutStatus
            {
                Batch = rollout.Batch,
                Batches = rollout.Batches,
                Updated = rollout.Updated,
                State = rollout.IsPaused ? "Paused" : counted.Pending == 0 ? "Complete" : "RollingOut",
            },
            Conditions = [.. conditions.Select(condition => Dated(condition, record.Generation, before, now))],
        };
    }

    /// <summary>The merge patch that makes the API server's status this one, or null when it is.</summary>
    /// <param name="before">The status that it has; null when that is not known.</param>
    /// <param name="status">The status as it has to be, by <see cref="ToElement"/>.</param>
    /// <param name="version">The version of the resource that this follows from: the API server refuses it when somebody wrote since.</param>
    public static ReadOnlyMemory<byte>? Patch(JsonElement? before, JsonElement status, string? version = null) => MergePatch.Between("status", before, status, Optional, version);

    /// <summary>Of a stored status only what this version knows: the rest is somebody else's, and is left alone.</summary>
    public static DeploymentStatus Known(DeploymentStatus stored) => stored with
    {
        Unknown = null,
        Rollout = stored.Rollout is { } rollout ? rollout with { Unknown = null } : null,
        Aggregate = stored.Aggregate is { } aggregate ? aggregate with { Unknown = null, LastError = aggregate.LastError is { } error ? error with { Unknown = null } : null } : null,
    };

    /// <summary>The status as it is sent.</summary>
    public static JsonElement ToElement(DeploymentStatus status) => JsonSerializer.SerializeToElement(status, ResourceJson.Default.DeploymentStatus);

    private static ResourceCondition Progressing(ActiveDeployment? active, DeploymentCounts counts, RolloutPlan? rollout, bool isResyncing) =>
        isResyncing ? Condition("Progressing", counts.Pending > 0, "Resyncing", "counters are those of before the loss of a stream until all devices are read again")
        : active?.Intent.IsPaused == true ? Condition("Progressing", false, "Paused", "spec.paused holds what devices have")
        : rollout?.IsPaused == true ? Condition("Progressing", false, "Paused", $"{counts.Failed} of {rollout.Updated} updated devices failed; change the roll-out or the score, or resume with the annotation {FleetApi.ResumeAnnotation}")
        : counts.Pending == 0 ? Condition("Progressing", false, "Complete", "no device is pending")
        : Condition("Progressing", true, rollout is null ? "WaitingForDevices" : "RollingOut", $"{counts.Pending} of {counts.Matched} devices are pending");

    private static ResourceCondition Available(DeploymentCounts counts) =>
        counts.Matched == 0 ? Condition("Available", false, "NoDevices", "the selector takes no device")
        : counts.Succeeded == counts.Matched ? Condition("Available", true, "AllRunning", $"all {counts.Matched} devices run the score")
        : Condition("Available", false, "NotAllRunning", $"{counts.Succeeded} of {counts.Matched} devices run the score");

    private static ResourceCondition Condition(string type, bool status, string reason, string message) =>
        new() { Type = type, Status = status ? "True" : "False", Reason = reason, Message = message, LastTransitionTime = default };

    private static ResourceCondition Dated(ResourceCondition condition, long generation, DeploymentStatus? before, DateTimeOffset now)
    {
        var old = before?.Conditions?.FirstOrDefault(other => other.Type == condition.Type);
        return condition with { LastTransitionTime = old is not null && old.Status == condition.Status ? old.LastTransitionTime : now, ObservedGeneration = generation };
    }
}
