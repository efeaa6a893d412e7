using System.Buffers.Binary;
using System.Numerics;

namespace Gtc.Routing;

/// <summary>SipHash-2-4 (Aumasson and Bernstein 2012): a keyed hash to 64 bits that is fast on short input. It allocates nothing.</summary>
public static class SipHash
{
    /// <summary>The hash of a message.</summary>
    /// <param name="keyLow">The first eight bytes of the key, little-endian.</param>
    /// <param name="keyHigh">The last eight bytes of the key, little-endian.</param>
    /// <param name="message">The message.</param>
    public static ulong Of(ulong keyLow, ulong keyHigh, ReadOnlySpan<byte> message)
    {
        var v0 = keyLow ^ 0x736f6d6570736575;
        var v1 = keyHigh ^ 0x646f72616e646f6d;
        var v2 = keyLow ^ 0x6c7967656e657261;
        var v3 = keyHigh ^ 0x7465646279746573;
        var rest = message;
        for (; rest.Length >= sizeof(ulong); rest = rest[sizeof(ulong)..])
        {
            var word = BinaryPrimitives.ReadUInt64LittleEndian(rest);
            v3 ^= word;
            Round(ref v0, ref v1, ref v2, ref v3);
            Round(ref v0, ref v1, ref v2, ref v3);
            v0 ^= word;
        }

        var last = (ulong)message.Length << 56;
        for (var index = 0; index < rest.Length; index++)
        {
            last |= (ulong)rest[index] << (8 * index);
        }

        v3 ^= last;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= last;
        v2 ^= 0xff;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        return v0 ^ v1 ^ v2 ^ v3;
    }

    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v3;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}
