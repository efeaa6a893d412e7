using System.Text.Json.Serialization;

namespace Gtc.Fleet.Contracts;

/// <summary>A sign of life (fleet.md §3.3), every 30 seconds. Only the first two members are required.</summary>
public sealed record Heartbeat : KeepsUnknown
{
    /// <summary>The device.</summary>
    public required DeviceId DeviceId { get; init; }

    /// <summary>When, by the device's clock. Whether a device is late is told by the broker's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Changes with every boot of the device.</summary>
    public string? BootId { get; init; }

    /// <summary>Differs between two machines that use one id.</summary>
    public string? InstanceId { get; init; }

    /// <summary>Counts since the agent's start.</summary>
    public long? Seq { get; init; }

    /// <summary>Seconds since the device's boot.</summary>
    [JsonPropertyName("uptime_s")]
    public long? UptimeSeconds { get; init; }

    /// <summary>The revision of the manifest that the device follows.</summary>
    public long? ManifestRev { get; init; }

    /// <summary>Reads a value of <c>device-heartbeat</c>.</summary>
    public static ContractResult<Heartbeat> Parse(ReadOnlySpan<byte> json) => PayloadJson.Read(json, PayloadJson.Default.Heartbeat, "heartbeat");

    /// <summary>The value as it is written.</summary>
    public byte[] ToBytes() => PayloadJson.Write(this, PayloadJson.Default.Heartbeat);
}
