using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gtc.Fleet.Contracts;

/// <summary>How grave an event is.</summary>
[JsonConverter(typeof(EventSeverityConverter))]
public enum EventSeverity
{
    /// <summary>Good to know. A word that this version does not know counts as this one.</summary>
    Info,

    /// <summary>Somebody may want to look.</summary>
    Warn,

    /// <summary>Something failed.</summary>
    Error,
}

/// <summary>Something that happened on a device.</summary>
public sealed record DeviceEvent : KeepsUnknown
{
    /// <summary>When, by the device's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>How grave.</summary>
    public EventSeverity Severity { get; init; }

    /// <summary>What, at most 512 characters.</summary>
    public required string Message
    {
        get;
        init => field = BoundedText.Error(value ?? "");
    }

    /// <summary>Which deployment it is about; null for the device itself, and in the state of a deployment.</summary>
    public string? Deployment { get; init; }

    internal static ImmutableArray<DeviceEvent> Newest(ImmutableArray<DeviceEvent> events) =>
        events.IsDefault ? [] : [.. events.Where(given => given is not null).TakeLast(FleetBounds.MaxEvents)];

    internal static ImmutableArray<DeviceEvent> NewerHalf(ImmutableArray<DeviceEvent> events) => events[((events.Length + 1) / 2)..];
}
