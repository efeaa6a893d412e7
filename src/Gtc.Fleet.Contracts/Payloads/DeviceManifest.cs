using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gtc.Fleet.Contracts;

/// <summary>One line of a manifest.</summary>
public sealed record ManifestEntry : KeepsUnknown
{
    /// <summary>The hash of the score's bytes, as <see cref="ScoreHash"/> writes it.</summary>
    public required string Hash { get; init; }

    /// <summary>The sequence of the message that holds them; null when it is not known.</summary>
    public long? Seq { get; init; }
}

/// <summary>
/// Which scores a device has to run (fleet.md §3.5). Written after the scores that it lists, so it is the mark that a change is complete. Only one with
/// a higher revision takes anything away.
/// </summary>
public sealed record DeviceManifest : KeepsUnknown
{
    /// <summary>Counts up with every change.</summary>
    public required long Rev { get; init; }

    /// <summary>The scores by the name of their deployment.</summary>
    public ImmutableSortedDictionary<DeploymentName, ManifestEntry> Entries
    {
        get => field ?? ImmutableSortedDictionary<DeploymentName, ManifestEntry>.Empty;
        init;
    }

    /// <summary>How often the device has to give a sign of life, in seconds; null for the usual 30.</summary>
    [JsonPropertyName("heartbeat_s")]
    public int? HeartbeatSeconds { get; init; }

    /// <summary>Over how many seconds devices spread their coming back after the broker was away; null for the usual 30.</summary>
    [JsonPropertyName("reconnect_window_s")]
    public int? ReconnectWindowSeconds { get; init; }

    /// <summary>Reads the value of <c>&lt;device&gt;._manifest</c>.</summary>
    public static ContractResult<DeviceManifest> Parse(ReadOnlySpan<byte> json)
    {
        var read = PayloadJson.Read(json, PayloadJson.Default.DeviceManifest, "manifest");
        if (!read.TryGet(out var manifest, out _))
        {
            return read;
        }

        // An entry without a hash must not read as an order to take the deployment away.
        foreach (var (name, entry) in manifest.Entries)
        {
            if (entry?.Hash is null || !ScoreHash.IsValid(entry.Hash))
            {
                return new ContractError(ContractFault.InvalidPayload, $"entries.{name}.hash", "no manifest: sha256: and 64 hexadecimal digits were expected");
            }
        }

        return manifest;
    }

    /// <summary>The value as it is written.</summary>
    public byte[] ToBytes() => PayloadJson.Write(this, PayloadJson.Default.DeviceManifest);
}
