using System.Text;

namespace Gtc.Fleet.Contracts;

/// <summary>
/// Which of 1,024 slots a device is in (fleet-scale.md §3.1). Shards and bucket partitions are ranges of slots, so that a device and every operator
/// agree without asking. The function is pinned by vectors and never changes.
/// </summary>
public static class DeviceSlot
{
    /// <summary>How many slots there are.</summary>
    public const int Count = 1024;

    /// <summary>The slot of a device, 0 to 1,023.</summary>
    public static int Of(DeviceId device)
    {
        Span<byte> bytes = stackalloc byte[FleetName.MaxLength];
        return Of(bytes[..Encoding.ASCII.GetBytes(device.Value, bytes)]);
    }

    /// <summary>The slot of a device whose id is already bytes.</summary>
    public static int Of(ReadOnlySpan<byte> device) => (int)(Fnv1a(device) % Count);

    /// <summary>The shard that owns a slot.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="shards">How many shards there are: a power of two from 1 to 64.</param>
    public static int Shard(int slot, int shards)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, Count);
        if (shards is < 1 or > 64 || !System.Numerics.BitOperations.IsPow2(shards))
        {
            throw new ArgumentOutOfRangeException(nameof(shards), shards, "A power of two from 1 to 64 was expected.");
        }

        return slot * shards / Count;
    }

    /// <summary>FNV-1a with 32 bits. A roll-out orders devices by it, over the device's id followed by the deployment's uid (fleet.md §6.5).</summary>
    /// <param name="bytes">What is hashed.</param>
    /// <param name="seed">The hash of what came before, to hash in parts.</param>
    public static uint Fnv1a(ReadOnlySpan<byte> bytes, uint seed = 2166136261)
    {
        var hash = seed;
        foreach (var octet in bytes)
        {
            hash = (hash ^ octet) * 16777619;
        }

        return hash;
    }
}
