using System.Buffers.Binary;

namespace Gtc.Cli.Start;

/// <summary>Numbers from random bytes.</summary>
internal static class RandomNumbers
{
    /// <summary>Draws uniformly in [0, limit); safe for concurrent use when the source is.</summary>
    public static Func<uint, uint> Below(RandomFill random) => limit =>
    {
        // Lemire's method without the rejection step: with limits of at most 10,000 the bias is below 3 in a million.
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        random(bytes);
        return (uint)(((ulong)BinaryPrimitives.ReadUInt32LittleEndian(bytes) * limit) >> 32);
    };

    /// <summary>Draws uniformly in [0, 1).</summary>
    public static Func<double> Fraction(RandomFill random) => () =>
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        random(bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes) / (uint.MaxValue + 1.0);
    };
}
