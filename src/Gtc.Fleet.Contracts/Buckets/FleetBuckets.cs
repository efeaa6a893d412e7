using System.Collections.Immutable;

namespace Gtc.Fleet.Contracts;

/// <summary>The buckets of a fleet (fleet.md §4.2). Sizes are those of one cell; a larger one changes <see cref="BucketSpec.MaxBytes"/>.</summary>
public static class FleetBuckets
{
    private const long MiB = 1024 * 1024;

    /// <summary>What devices have to run; written by the operator only.</summary>
    public static BucketSpec DesiredState { get; } = new()
    {
        Name = "desired-state",
        Purpose = "the scores that each device has to run, and its manifest",
        MaxBytes = 2048 * MiB,
        AllowsRollup = true,
        RepublishTo = FleetSubjects.DesiredOfAll,
    };

    /// <summary>What devices are (<c>device-info</c>): labels and inventory, and the ring of their recent events.</summary>
    public static BucketSpec DeviceDetails { get; } = new()
    {
        Name = "device-info",
        Purpose = "labels and inventory of each device, and its recent events",
        MaxBytes = 1024 * MiB,
    };

    /// <summary>What became of each deployment on each device.</summary>
    public static BucketSpec DeviceState { get; } = new()
    {
        Name = "device-state",
        Purpose = "the phase of each deployment on each device",
        MaxBytes = 2048 * MiB,
    };

    /// <summary>Signs of life.</summary>
    public static BucketSpec DeviceHeartbeat { get; } = new()
    {
        Name = "device-heartbeat",
        Purpose = "the last sign of life of each device",
        Storage = BucketStorage.Memory,
        MaxBytes = 256 * MiB,
    };

    /// <summary>What the operator knows, so that it need not read everything again.</summary>
    public static BucketSpec Checkpoint { get; } = new()
    {
        Name = "fleet-checkpoint",
        Purpose = "what the operator had counted, for its next start",
        MaxBytes = 1024 * MiB,
        MaxValueBytes = 1024 * 1024,
        AllowsRollup = true,
    };

    /// <summary>All of them.</summary>
    public static ImmutableArray<BucketSpec> All { get; } = [DesiredState, DeviceDetails, DeviceState, DeviceHeartbeat, Checkpoint];
}
