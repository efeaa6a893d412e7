using System.Collections.Immutable;

namespace Gtc.Fleet.Contracts;

/// <summary>What a device is: its labels and inventory (fleet.md §3.1). Written at its start and when one of them changes.</summary>
public sealed record DeviceInfo : KeepsUnknown
{
    /// <summary>The key of the label that every device has.</summary>
    public const string DeviceIdLabel = "device-id";

    /// <summary>The device.</summary>
    public required DeviceId DeviceId { get; init; }

    /// <summary>Its labels, as its owner wrote them.</summary>
    public ImmutableSortedDictionary<string, string> Labels
    {
        get => field ?? Ordinal.EmptyMap;
        init => field = Ordinal.Sorted(value);
    }

    /// <summary>Its inventory, or null when it did not say.</summary>
    public DeviceInventory? Inventory { get; init; }

    /// <summary>When it was written, by the device's clock; to be shown, never to order by.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>Reads a value of <c>device-info</c>.</summary>
    public static ContractResult<DeviceInfo> Parse(ReadOnlySpan<byte> json)
    {
        var read = PayloadJson.Read(json, PayloadJson.Default.DeviceInfo, "device's description");
        if (!read.TryGet(out var device, out _))
        {
            return read;
        }

        var wrong = device.Labels.Count > FleetBounds.MaxLabels ? $"{device.Labels.Count} labels were found, at most {FleetBounds.MaxLabels} were expected"
            : device.Labels.Any(label => label.Value is null) ? "null was found where a label's text was expected"
            : null;
        return wrong is null ? device : new ContractError(ContractFault.InvalidPayload, "labels", $"no device's description: {wrong}");
    }

    /// <summary>The value as it is written.</summary>
    public byte[] ToBytes() => PayloadJson.Write(this, PayloadJson.Default.DeviceInfo);
}
