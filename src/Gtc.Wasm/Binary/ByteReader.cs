using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Gtc.Wasm;

/// <summary>Reads the primitives of the binary format from a range of a module's bytes; what is wrong ends the reading.</summary>
internal ref struct ByteReader
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes;

    /// <param name="bytes">The whole module, so that positions are places in it.</param>
    /// <param name="start">Where to start.</param>
    /// <param name="end">Where the range ends.</param>
    public ByteReader(ReadOnlySpan<byte> bytes, int start, int end)
    {
        _bytes = bytes[..end];
        Position = start;
    }

    public int Position { get; private set; }

    public readonly int End => _bytes.Length;

    public readonly int Left => _bytes.Length - Position;

    public readonly bool IsAtEnd => Position >= _bytes.Length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte Byte()
    {
        if (Position >= _bytes.Length)
        {
            throw UnexpectedEnd();
        }

        return _bytes[Position++];
    }

    public readonly byte Peek() => Position < _bytes.Length ? _bytes[Position] : throw UnexpectedEnd();

    public ReadOnlySpan<byte> Take(int count)
    {
        if (count > Left)
        {
            throw UnexpectedEnd();
        }

        var taken = _bytes.Slice(Position, count);
        Position += count;
        return taken;
    }

    /// <summary>An unsigned LEB128 number of 32 bits at most.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint U32()
    {
        if (Position < _bytes.Length && _bytes[Position] < 0x80)
        {
            return _bytes[Position++];
        }

        return LongU32();
    }

    /// <summary>A signed LEB128 number of 32 bits at most.</summary>
    public int S32() => (int)Signed(32);

    /// <summary>A signed LEB128 number of 64 bits at most.</summary>
    public long S64() => Signed(64);

    /// <summary>A signed LEB128 number of 33 bits at most, the type of a block.</summary>
    public long S33() => Signed(33);

    public uint Fixed32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong Fixed64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>A name: its length and its bytes in UTF-8.</summary>
    public string Name(int limit)
    {
        var place = Position;
        var length = U32();
        if (length > (uint)Left)
        {
            throw WasmFaultException.Malformed(place, $"unexpected end: a name of {length} bytes where {Left} are left");
        }

        if (length > (uint)limit)
        {
            throw WasmFaultException.TooLarge(place, $"a name of {length} bytes; at most {limit} are allowed");
        }

        try
        {
            return StrictUtf8.GetString(Take((int)length));
        }
        catch (DecoderFallbackException)
        {
            throw WasmFaultException.Malformed(place, "malformed UTF-8 encoding in a name");
        }
    }

    /// <summary>The number of items that follow, each at least one byte long.</summary>
    public int Count(int limit, string what)
    {
        var place = Position;
        var count = U32();
        if (count > (uint)limit)
        {
            throw count > (uint)Left
                ? WasmFaultException.Malformed(place, $"length out of bounds: {count} {what} in {Left} bytes")
                : WasmFaultException.TooLarge(place, $"{count} {what}; at most {limit} are allowed");
        }

        return count <= (uint)Left ? (int)count : throw WasmFaultException.Malformed(place, $"unexpected end: {count} {what} in {Left} bytes");
    }

    private readonly WasmFaultException UnexpectedEnd() =>
        WasmFaultException.Malformed(_bytes.Length, "unexpected end of section or function");

    private uint LongU32()
    {
        var place = Position;
        uint value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = Byte();
            if (shift == 28 && next > 0x0F)
            {
                throw WasmFaultException.Malformed(place, next >= 0x80 ? "integer representation too long" : "integer too large for 32 bits");
            }

            value |= (uint)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }

    private long Signed(int bits)
    {
        var place = Position;
        long value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = Byte();
            value |= (long)(next & 0x7F) << shift;
            if (shift + 7 >= bits)
            {
                CheckLast(next, bits - shift, place);
                return value << (64 - bits) >> (64 - bits);
            }

            if (next < 0x80)
            {
                return value << (57 - shift) >> (57 - shift);
            }
        }
    }

    // Of the last byte only some bits count; those above them must repeat the sign.
    private static void CheckLast(byte last, int used, int place)
    {
        if (last >= 0x80)
        {
            throw WasmFaultException.Malformed(place, "integer representation too long");
        }

        var rest = (sbyte)(last << 1) >> used;
        if (rest is not 0 and not -1)
        {
            throw WasmFaultException.Malformed(place, "integer too large");
        }
    }
}
