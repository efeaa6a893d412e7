using System.Collections.Immutable;

namespace Gtc.Fleet.Contracts;

/// <summary>What became of a deployment. The operator patches the members that changed.</summary>
public sealed record DeploymentStatus : KeepsUnknown
{
    /// <summary>The generation that the counters are about.</summary>
    [Field("The generation of the spec that the counters are about.")]
    public long? ObservedGeneration { get; init; }

    /// <summary>The hash of the score that the counters are about.</summary>
    [Field("The hash of the score that the counters are about: sha256 of its canonical bytes.")]
    public string? ObservedScoreHash { get; init; }

    /// <summary>How many devices are how far.</summary>
    [Field("How many of the selected devices are how far.")]
    public FleetAggregate? Aggregate { get; init; }

    /// <summary>How far the roll-out is; null when nothing is rolled out in batches.</summary>
    [Field("How far a batched roll-out is.")]
    public RolloutStatus? Rollout { get; init; }

    /// <summary>Accepted, Progressing, Available and Degraded.</summary>
    [Field("Accepted, Progressing, Available and Degraded, with the reason of each.", ListKey = "type")]
    public ImmutableArray<ResourceCondition>? Conditions { get; init; }
}

/// <summary>How many devices are how far. At every moment <c>succeeded + failed + pending</c> is <c>matchedDeviceCount</c>.</summary>
public sealed record FleetAggregate : KeepsUnknown
{
    /// <summary>Devices that the selector selects now.</summary>
    [Field("Devices that the selector selects now.", Minimum = 0)]
    public required long MatchedDeviceCount { get; init; }

    /// <summary>Those of them that run the current score.</summary>
    [Field("Selected devices that run the current score.", Minimum = 0)]
    public required long Succeeded { get; init; }

    /// <summary>Those of them that failed.</summary>
    [Field("Selected devices on which it failed.", Minimum = 0)]
    public required long Failed { get; init; }

    /// <summary>The rest, those that said nothing yet included.</summary>
    [Field("Selected devices that are neither, those that did not report yet included.", Minimum = 0)]
    public required long Pending { get; init; }

    /// <summary>The newest error of a device that is failed now; null when none is.</summary>
    [Field("The newest error among the devices that are failed now.")]
    public AggregateError? LastError { get; init; }

    /// <summary>Those of them that are not known to be reachable.</summary>
    [Field("Selected devices that are not known to be reachable.", Minimum = 0)]
    public long? Stale { get; init; }

    /// <summary>Some of the failed ones, at most 10.</summary>
    [Field("Some of the failed devices, at most 10.", MaxItems = FleetBounds.MaxFailedDevices)]
    public ImmutableArray<string>? FailedDevices { get; init; }
}

/// <summary>An error of one device.</summary>
public sealed record AggregateError : KeepsUnknown
{
    /// <summary>The device.</summary>
    [Field("The device that it happened on.")]
    public required string DeviceId { get; init; }

    /// <summary>What it said, at most 512 characters.</summary>
    [Field("What the device said.", MaxLength = FleetBounds.MaxErrorLength)]
    public required string Message
    {
        get;
        init => field = BoundedText.Error(value ?? "");
    }

    /// <summary>When, by the device's clock.</summary>
    [Field("When, by the device's clock.")]
    public DateTimeOffset? At { get; init; }
}

/// <summary>How far a batched roll-out is.</summary>
public sealed record RolloutStatus : KeepsUnknown
{
    /// <summary>The batch that is under way, from 1.</summary>
    [Field("The batch that is under way, from 1.")]
    public int? Batch { get; init; }

    /// <summary>How many batches there are.</summary>
    [Field("How many batches there are.")]
    public int? Batches { get; init; }

    /// <summary>Devices that were sent the score.</summary>
    [Field("Devices that were sent the score.")]
    public long? Updated { get; init; }

    /// <summary>A word for its state.</summary>
    [Field("Progressing, Paused or Complete.")]
    public string? State { get; init; }
}

/// <summary>A condition as every Kubernetes object has them (<c>metav1.Condition</c>).</summary>
public sealed record ResourceCondition : KeepsUnknown
{
    /// <summary>Its type, e.g. <c>Available</c>.</summary>
    [Field("The condition's type.", MaxLength = 316)]
    public required string Type { get; init; }

    /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    [Field("True, False or Unknown.", Words = "True,False,Unknown")]
    public required string Status { get; init; }

    /// <summary>Why, one word.</summary>
    [Field("Why, in one word.", MaxLength = 1024)]
    public required string Reason { get; init; }

    /// <summary>Why, for people.</summary>
    [Field("Why, for people.", MaxLength = 32768)]
    public required string Message { get; init; }

    /// <summary>When <see cref="Status"/> changed last.</summary>
    [Field("When the status changed last.")]
    public required DateTimeOffset LastTransitionTime { get; init; }

    /// <summary>The generation that it is about.</summary>
    [Field("The generation that it is about.")]
    public long? ObservedGeneration { get; init; }
}
