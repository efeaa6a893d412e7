using System.Collections.Immutable;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Agent.Storage;

/// <summary>The device's own ring of recent events, whichever deployment they are about (fleet.md, decision on a ring per device). Safe for several threads.</summary>
internal sealed class EventRing(DeviceId device, DeviceEvents? before, TimeProvider time)
{
    private readonly Lock _gate = new();
    private ImmutableArray<DeviceEvent> _events = before?.Events ?? [];
    private long _dropped = before?.Dropped ?? 0;

    /// <summary>Counts the events, so that whoever sends them knows whether there are new ones.</summary>
    public long Count { get; private set; }

    /// <summary>Adds one; the same message again only makes the last one newer, so that a loop does not wash everything else out.</summary>
    public void Add(EventSeverity severity, string message, DeploymentName? deployment)
    {
        var added = new DeviceEvent { At = time.GetUtcNow(), Severity = severity, Message = message, Deployment = deployment?.Value };
        lock (_gate)
        {
            Count++;
            if (_events is [.., var last] && last.Message == added.Message && last.Deployment == added.Deployment)
            {
                _events = [.. _events[..^1], added];
                return;
            }

            _dropped += _events.Length == FleetBounds.MaxEvents ? 1 : 0;
            _events = [.. _events.TakeLast(FleetBounds.MaxEvents - 1), added];
        }
    }

    /// <summary>What is told to the fleet.</summary>
    public DeviceEvents ToPayload()
    {
        lock (_gate)
        {
            return new DeviceEvents { DeviceId = device, Events = _events, Dropped = _dropped == 0 ? null : _dropped };
        }
    }
}
