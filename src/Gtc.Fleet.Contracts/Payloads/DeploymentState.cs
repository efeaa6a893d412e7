using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gtc.Fleet.Contracts;

/// <summary>How far a deployment is on one device.</summary>
[JsonConverter(typeof(DeploymentPhaseConverter))]
public enum DeploymentPhase
{
    /// <summary>Not there yet. A phase that this version does not know counts as this one.</summary>
    Pending,

    /// <summary>All its services run.</summary>
    Running,

    /// <summary>It does not run; the device keeps trying.</summary>
    Failed,
}

/// <summary>What became of one deployment on one device (fleet.md §3.2). Written on every change of phase, and never when nothing changed.</summary>
public sealed record DeploymentState : KeepsUnknown
{
    /// <summary>The device; equals that of the key.</summary>
    public required DeviceId DeviceId { get; init; }

    /// <summary>The deployment; equals that of the key.</summary>
    public required DeploymentName Deployment { get; init; }

    /// <summary>How far it is.</summary>
    public required DeploymentPhase Phase { get; init; }

    /// <summary>When that began, by the device's clock; to be shown, never to order by.</summary>
    public DateTimeOffset? LastEventAt { get; init; }

    /// <summary>Why it failed, at most 512 characters; written as null when there is nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? LastError
    {
        get;
        init => field = value is null ? null : BoundedText.Error(value);
    }

    /// <summary>The hash of the score that the phase is about, as <c>sha256:</c> and 64 hexadecimal digits; null from an agent that does not say.</summary>
    public string? ScoreHash { get; init; }

    /// <summary>Counts the changes of this deployment on this device; kept on the device.</summary>
    public long? Seq { get; init; }

    /// <summary>What happened last, newest last, at most 32.</summary>
    public ImmutableArray<DeviceEvent> RecentEvents
    {
        get => field.IsDefault ? [] : field;
        init => field = DeviceEvent.Newest(value);
    }

    /// <summary>Reads a value of <c>device-state</c>. Counters need less: see <see cref="StateReader"/>.</summary>
    public static ContractResult<DeploymentState> Parse(ReadOnlySpan<byte> json) => PayloadJson.Read(json, PayloadJson.Default.DeploymentState, "deployment's state");

    /// <summary>The value as it is written. Events that make it too large are left out, the oldest first.</summary>
    public byte[] ToBytes()
    {
        var state = this;
        while (true)
        {
            var bytes = PayloadJson.Write(state, PayloadJson.Default.DeploymentState);
            if (bytes.Length <= FleetBounds.MaxValueBytes || state.RecentEvents.IsEmpty)
            {
                return bytes;
            }

            state = state with { RecentEvents = DeviceEvent.NewerHalf(state.RecentEvents) };
        }
    }
}
