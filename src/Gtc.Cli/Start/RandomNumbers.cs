using System.Buffers.Binary;

namespace Gtc.Cli.Start;

/// <summary>Numbers from random bytes.</summary>
internal static class RandomNumbers
{
    /// <summary>64 random bits; safe for concurrent use when the source is.</summary>
    public static Func<ulong> Bits(RandomFill random) => () =>
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        random(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    };

    /// <summary>Draws uniformly in [0, 1).</summary>
    public static Func<double> Fraction(RandomFill random) => () =>
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        random(bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes) / (uint.MaxValue + 1.0);
    };
}
