using System.Collections.Immutable;

namespace Gtc.Fleet.Contracts;

/// <summary>The ring of what happened on a device, whichever deployment it was about; under a key of its own, so that it outlives them.</summary>
public sealed record DeviceEvents : KeepsUnknown
{
    /// <summary>The device.</summary>
    public required DeviceId DeviceId { get; init; }

    /// <summary>What happened last, newest last, at most 32.</summary>
    public ImmutableArray<DeviceEvent> Events
    {
        get => field.IsDefault ? [] : field;
        init => field = DeviceEvent.Newest(value);
    }

    /// <summary>How many events there were before those, since the agent's start.</summary>
    public long? Dropped { get; init; }

    /// <summary>Reads the value of <c>events.&lt;device&gt;</c>.</summary>
    public static ContractResult<DeviceEvents> Parse(ReadOnlySpan<byte> json) => PayloadJson.Read(json, PayloadJson.Default.DeviceEvents, "ring of events");

    /// <summary>The value as it is written. Events that make it too large are left out, the oldest first.</summary>
    public byte[] ToBytes()
    {
        var ring = this;
        while (true)
        {
            var bytes = PayloadJson.Write(ring, PayloadJson.Default.DeviceEvents);
            if (bytes.Length <= FleetBounds.MaxValueBytes || ring.Events.IsEmpty)
            {
                return bytes;
            }

            var kept = DeviceEvent.NewerHalf(ring.Events);
            ring = ring with { Events = kept, Dropped = (ring.Dropped ?? 0) + ring.Events.Length - kept.Length };
        }
    }
}
