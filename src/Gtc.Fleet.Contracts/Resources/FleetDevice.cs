using System.Collections.Immutable;
using System.Text.Json;

namespace Gtc.Fleet.Contracts;

/// <summary>The custom resource <c>Device</c> (fleet.md §2.2). The operator makes it of what the device says; labels of people count as well.</summary>
public sealed record FleetDevice : KeepsUnknown
{
    /// <summary><see cref="FleetApi.GroupVersion"/>.</summary>
    public string ApiVersion { get; init; } = FleetApi.GroupVersion;

    /// <summary><see cref="FleetApi.DeviceKind"/>.</summary>
    public string Kind { get; init; } = FleetApi.DeviceKind;

    /// <summary>Name (the device's id), labels and the rest.</summary>
    public required ResourceMeta Metadata { get; init; }

    /// <summary>What it is.</summary>
    [Field("What the device is, and whether an administrator holds it.")]
    public DeviceSpec? Spec { get; init; }

    /// <summary>How it is.</summary>
    [Field("How the device is, as far as the operator knows.")]
    public DeviceStatus? Status { get; init; }

    /// <summary>Reads a resource as the API server gives it.</summary>
    public static ContractResult<FleetDevice> Parse(JsonElement json) => ResourceJson.Read(json, ResourceJson.Default.FleetDevice, "device");

    /// <summary>The resource as the API server takes it.</summary>
    public JsonElement ToElement() => JsonSerializer.SerializeToElement(this, ResourceJson.Default.FleetDevice);
}

/// <summary>What a device is.</summary>
public sealed record DeviceSpec : KeepsUnknown
{
    /// <summary>What it is made of.</summary>
    [Field("What the device is made of, as it says itself.")]
    public DeviceInventory? Inventory { get; init; }

    /// <summary>Whether an administrator holds what it has to run as it is.</summary>
    [Field("While true nothing new is sent to the device; what it has stays.")]
    public bool? Paused { get; init; }
}

/// <summary>How a device is.</summary>
public sealed record DeviceStatus : KeepsUnknown
{
    /// <summary>Reachable, Stale and IdentityConflict.</summary>
    [Field("Reachable, Stale and IdentityConflict, with the reason of each.", ListKey = "type")]
    public ImmutableArray<ResourceCondition>? Conditions { get; init; }

    /// <summary>When it last gave a sign of life; coarse, since no heartbeat writes to the API.</summary>
    [Field("When the device last gave a sign of life; coarse, since single heartbeats are not written here.")]
    public DateTimeOffset? LastHeartbeatTime { get; init; }

    /// <summary>Changes with every boot of the device.</summary>
    [Field("Changes with every boot of the device.")]
    public string? BootId { get; init; }
}
