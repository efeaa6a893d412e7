namespace Gtc.Fleet.Operator;

/// <summary>FNV-1a, 32 bits: the hash of slots and of the order of a roll-out, which devices compute too and which must never change.</summary>
internal static class Fnv
{
    private const uint Start = 2166136261;
    private const uint Prime = 16777619;

    /// <summary>The hash of some bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes) => Of(Start, bytes);

    /// <summary>Goes on with a hash, as if the bytes had followed.</summary>
    public static uint Of(uint hash, ReadOnlySpan<byte> bytes)
    {
        foreach (var one in bytes)
        {
            hash = (hash ^ one) * Prime;
        }

        return hash;
    }

    /// <summary>Spreads a hash over all bits (the end of MurmurHash3); for tables in memory only.</summary>
    public static uint Mix(uint hash)
    {
        hash ^= hash >> 16;
        hash *= 0x85ebca6b;
        hash ^= hash >> 13;
        hash *= 0xc2b2ae35;
        return hash ^ (hash >> 16);
    }
}
