using System.Collections.Immutable;

namespace Gtc.Fleet.Contracts;

/// <summary>
/// Everything that one device may publish and subscribe to (fleet.md §19.4); whatever is not listed is denied. Both lists name the device in every
/// subject, so nothing of another device can be read, written or listed.
/// </summary>
public static class DeviceSubjects
{
    /// <summary>What a device may publish to.</summary>
    public static ImmutableArray<string> Publish(DeviceId device)
    {
        var id = device.Value;
        return
        [
            $"{FleetBuckets.DeviceDetails.Subject(KvKeys.Info(device))}",
            $"{FleetBuckets.DeviceDetails.Subject(KvKeys.Events(device))}",
            $"{FleetBuckets.DeviceState.Subject($"state.{id}.>")}",
            $"{FleetBuckets.DeviceHeartbeat.Subject(KvKeys.Heartbeat(device))}",
            $"$JS.API.DIRECT.GET.{FleetBuckets.DesiredState.StreamName}.{FleetBuckets.DesiredState.Subject($"{id}.>")}",
            $"$JS.API.DIRECT.GET.{FleetBuckets.DeviceState.StreamName}.{FleetBuckets.DeviceState.Subject($"state.{id}.>")}",
            $"fleet.log.{id}.>",
            FleetSubjects.Event(device),
        ];
    }

    /// <summary>What a device may subscribe to.</summary>
    public static ImmutableArray<string> Subscribe(DeviceId device) =>
        [$"{FleetSubjects.InboxPrefix(device)}.>", FleetSubjects.DesiredOf(device), FleetSubjects.RpcOf(device)];
}
