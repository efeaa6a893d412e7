using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace Gtc.Wasm.Components;

internal sealed class BoolCodec() : Codec<bool>(WitType.Bool)
{
    internal override bool Read(ref ValueReader reader) => reader.Number(1) != 0;

    internal override void Write(ref ValueWriter writer, bool value) => writer.Byte(value ? 1u : 0u);
}

/// <summary>Integers of every width. What is above the width in a slot is ignored on the way out and zero (or the sign) on the way in.</summary>
internal sealed class IntegerCodec<T>(WitType type) : Codec<T>(type)
    where T : struct, IBinaryInteger<T>
{
    internal override T Read(ref ValueReader reader)
    {
        if (Unsafe.SizeOf<T>() == 1)
        {
            return T.CreateTruncating(reader.Byte());
        }

        if (Unsafe.SizeOf<T>() == 2)
        {
            return T.CreateTruncating(reader.Half());
        }

        return Unsafe.SizeOf<T>() == 4 ? T.CreateTruncating(reader.Word()) : T.CreateTruncating(reader.Long());
    }

    internal override void Write(ref ValueWriter writer, T value)
    {
        if (Unsafe.SizeOf<T>() == 1)
        {
            writer.Byte(uint.CreateTruncating(value));
        }
        else if (Unsafe.SizeOf<T>() == 2)
        {
            writer.Half(uint.CreateTruncating(value));
        }
        else if (Unsafe.SizeOf<T>() == 4)
        {
            writer.Word(uint.CreateTruncating(value));
        }
        else
        {
            writer.Long(ulong.CreateTruncating(value));
        }
    }
}

internal sealed class SingleCodec() : Codec<float>(WitType.F32)
{
    private const uint CanonicalNaN = 0x7FC0_0000;

    internal override float Read(ref ValueReader reader) => Canonical(BitConverter.UInt32BitsToSingle(reader.Word()));

    internal override void Write(ref ValueWriter writer, float value) => writer.Word(BitConverter.SingleToUInt32Bits(Canonical(value)));

    private static float Canonical(float value) => float.IsNaN(value) ? BitConverter.UInt32BitsToSingle(CanonicalNaN) : value;
}

internal sealed class DoubleCodec() : Codec<double>(WitType.F64)
{
    private const ulong CanonicalNaN = 0x7FF8_0000_0000_0000;

    internal override double Read(ref ValueReader reader) => Canonical(BitConverter.UInt64BitsToDouble(reader.Long()));

    internal override void Write(ref ValueWriter writer, double value) => writer.Long(BitConverter.DoubleToUInt64Bits(Canonical(value)));

    private static double Canonical(double value) => double.IsNaN(value) ? BitConverter.UInt64BitsToDouble(CanonicalNaN) : value;
}

internal sealed class CharCodec() : Codec<Rune>(WitType.Scalar)
{
    internal override Rune Read(ref ValueReader reader)
    {
        var value = reader.Word();
        return Rune.TryCreate(value, out var rune) ? rune : throw ComponentTraps.Make($"the char 0x{value:X} is no Unicode scalar value");
    }

    internal override void Write(ref ValueWriter writer, Rune value) => writer.Word((uint)value.Value);
}

internal sealed class StringCodec() : Codec<string>(WitType.Text)
{
    internal override string Read(ref ValueReader reader)
    {
        var address = reader.Word();
        var length = reader.Word();
        return Strings.Load(ref reader, address, length);
    }

    internal override void Write(ref ValueWriter writer, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var (address, length) = Strings.Store(writer.Call, value);
        writer.Word(address);
        writer.Word(length);
    }
}

/// <summary>Flags and enums as their number.</summary>
internal sealed class NumberCodec : Codec<uint>
{
    private readonly uint _mask;
    private readonly uint _count;

    public NumberCodec(WitType type)
        : base(type)
    {
        _mask = type is WitType.Flags flags ? flags.Mask : uint.MaxValue;
        _count = type is WitType.Enumeration enumeration ? (uint)enumeration.Names.Length : uint.MaxValue;
    }

    internal override uint Read(ref ValueReader reader)
    {
        // Bits without a name are ignored; a number without a name is an error (CanonicalABI.md: loading flags and variants).
        var value = reader.Number(Type.Size) & _mask;
        return value < _count || _count == uint.MaxValue ? value : throw ComponentTraps.Make($"case {value} of {Type}, which has {_count}");
    }

    internal override void Write(ref ValueWriter writer, uint value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, _count == uint.MaxValue ? _mask : _count - 1);
        writer.Number(value, Type.Size);
    }
}
