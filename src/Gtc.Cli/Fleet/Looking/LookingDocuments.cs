using System.Collections.Immutable;
using Gtc.Fleet.Contracts;

namespace Gtc.Cli.Fleet.Looking;

/// <summary>What <c>gtc fleet get</c> takes.</summary>
internal sealed record GetPayload
{
    public string? Name { get; init; }

    public string? Namespace { get; init; }

    public string? Kubeconfig { get; init; }

    public string? Context { get; init; }
}

/// <summary>What <c>gtc fleet watch</c> takes.</summary>
internal sealed record WatchPayload
{
    public string? Name { get; init; }

    public string? Namespace { get; init; }

    public bool UntilAvailable { get; init; }

    public uint? Timeout { get; init; }

    public string? Kubeconfig { get; init; }

    public string? Context { get; init; }
}

/// <summary>What <c>gtc fleet devices</c> takes.</summary>
internal sealed record DevicesPayload
{
    public ImmutableArray<string> To { get => field.IsDefault ? [] : field; init; }

    public ImmutableArray<string> ToExpr { get => field.IsDefault ? [] : field; init; }

    public uint? Limit { get; init; }

    public string? Kubeconfig { get; init; }

    public string? Context { get; init; }
}

/// <summary>What <c>gtc fleet explain device</c> takes.</summary>
internal sealed record ExplainPayload
{
    public required string Device { get; init; }

    public string? Deployment { get; init; }

    public string? Namespace { get; init; }

    public string? Kubeconfig { get; init; }

    public string? Context { get; init; }
}

/// <summary>Deployments.</summary>
/// <param name="Deployments">By namespace and name.</param>
internal sealed record DeploymentsShown(ImmutableArray<DeploymentShown> Deployments);

/// <summary>One deployment as its resource tells it.</summary>
internal sealed record DeploymentShown
{
    public required string Namespace { get; init; }

    public required string Name { get; init; }

    public required long Generation { get; init; }

    /// <summary>The selector as <c>kubectl -l</c> takes it, or why it means nothing.</summary>
    public required string Selector { get; init; }

    public ImmutableArray<string> Images { get; init; }

    /// <summary>Whether the counters below are about this generation.</summary>
    public required bool IsObserved { get; init; }

    public long? Matched { get; init; }

    public long? Succeeded { get; init; }

    public long? Failed { get; init; }

    public long? Pending { get; init; }

    public long? Stale { get; init; }

    public string? LastErrorDevice { get; init; }

    public string? LastError { get; init; }

    /// <summary>The status of condition Available: True, False or Unknown; null before the operator has seen it.</summary>
    public string? Available { get; init; }

    /// <summary>How far a batched roll-out is, e.g. <c>batch 2 of 5, Progressing</c>; null without one.</summary>
    public string? Rollout { get; init; }

    public ImmutableArray<ConditionShown> Conditions { get; init; }

    public bool IsGoing { get; init; }

    /// <summary>What a resource tells.</summary>
    public static DeploymentShown Of(FleetDeployment deployment)
    {
        var status = deployment.Status;
        var aggregate = status?.Aggregate;
        return new DeploymentShown
        {
            Namespace = deployment.Metadata.Namespace ?? "",
            Name = deployment.Metadata.Name,
            Generation = deployment.Metadata.Generation ?? 0,
            Selector = deployment.Spec.TargetSelector.Compile().TryGet(out var selector, out var wrong) ? selector.SelectsAll ? "every device" : selector.ToString() : wrong.ToString(),
            Images = [.. deployment.Spec.Score.PodmanV0?.Services.Select(service => service.Image) ?? []],
            IsObserved = status?.ObservedGeneration is { } seen && seen >= deployment.Metadata.Generation,
            Matched = aggregate?.MatchedDeviceCount,
            Succeeded = aggregate?.Succeeded,
            Failed = aggregate?.Failed,
            Pending = aggregate?.Pending,
            Stale = aggregate?.Stale,
            LastErrorDevice = aggregate?.LastError?.DeviceId,
            LastError = aggregate?.LastError?.Message,
            Available = status?.Conditions?.FirstOrDefault(condition => condition.Type == "Available")?.Status,
            Rollout = status?.Rollout is { Batches: > 0 } rollout ? $"batch {rollout.Batch} of {rollout.Batches}, {rollout.State}" : null,
            Conditions = [.. (status?.Conditions ?? []).Select(ConditionShown.Of)],
            IsGoing = deployment.Metadata.DeletionTimestamp is not null,
        };
    }
}

/// <summary>A condition.</summary>
internal sealed record ConditionShown(string Type, string Status, string Reason, string Message)
{
    public static ConditionShown Of(ResourceCondition condition) => new(condition.Type, condition.Status, condition.Reason, condition.Message);
}

/// <summary>Devices.</summary>
/// <param name="Devices">By name.</param>
/// <param name="HasMore">Whether there are more than were asked for.</param>
internal sealed record DevicesShown(ImmutableArray<DeviceShown> Devices, bool HasMore);

/// <summary>One device as its resource tells it.</summary>
internal sealed record DeviceShown
{
    public required string Name { get; init; }

    /// <summary>The status of condition Reachable; null before the operator has said.</summary>
    public string? Reachable { get; init; }

    public string? Why { get; init; }

    public DateTimeOffset? LastHeartbeat { get; init; }

    public string? Arch { get; init; }

    public string? Os { get; init; }

    public string? Agent { get; init; }

    public bool IsPaused { get; init; }

    public required ImmutableSortedDictionary<string, string> Labels { get; init; }

    /// <summary>What a resource tells.</summary>
    public static DeviceShown Of(FleetDevice device)
    {
        var reachable = device.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Reachable");
        return new DeviceShown
        {
            Name = device.Metadata.Name,
            Reachable = reachable?.Status,
            Why = reachable?.Reason,
            LastHeartbeat = device.Status?.LastHeartbeatTime,
            Arch = device.Spec?.Inventory?.Arch,
            Os = device.Spec?.Inventory?.Os,
            Agent = device.Spec?.Inventory?.AgentVersion,
            IsPaused = device.Spec?.Paused ?? false,
            Labels = device.Metadata.Labels ?? ImmutableSortedDictionary<string, string>.Empty,
        };
    }
}

/// <summary>Why a device runs what it runs.</summary>
/// <param name="Device">The device.</param>
/// <param name="Deployments">Every deployment, those that select it first.</param>
internal sealed record DeviceExplained(DeviceShown Device, ImmutableArray<DeploymentExplained> Deployments);

/// <summary>What a deployment's selector says about a device.</summary>
internal sealed record DeploymentExplained
{
    public required string Namespace { get; init; }

    public required string Name { get; init; }

    /// <summary>Whether it selects the device.</summary>
    public required bool Selects { get; init; }

    /// <summary>Why not, or what holds it back although it selects the device; null when it simply does.</summary>
    public string? Because { get; init; }

    /// <summary>Every term.</summary>
    public ImmutableArray<TermExplained> Terms { get; init; }
}

/// <summary>What one term says.</summary>
/// <param name="Term">The term as <c>kubectl -l</c> takes it.</param>
/// <param name="Matches">Whether the device meets it.</param>
/// <param name="Reason">What was found and wanted.</param>
internal sealed record TermExplained(string Term, bool Matches, string Reason);
