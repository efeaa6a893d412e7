using System.Collections.Immutable;
using System.Text;
using Gtc.Wasm.Components;

namespace Gtc.Wasm.Tests.Components;

/// <summary>Types and values from a seed.</summary>
internal sealed class RandomValues(int seed)
{
    private static readonly WitType[] Primitives =
    [
        WitType.Bool, WitType.S8, WitType.U8, WitType.S16, WitType.U16, WitType.S32, WitType.U32, WitType.S64, WitType.U64, WitType.F32, WitType.F64,
        WitType.Scalar, WitType.Text,
    ];

    private readonly Random _random = new(seed);

    public WitType Type(int depth) => (depth == 0 ? 0 : _random.Next(9)) switch
    {
        0 => Primitives[_random.Next(Primitives.Length)],
        1 => WitType.ListOf(Type(depth - 1)),
        2 => WitType.TupleOf([.. Many(6).Select(_ => Type(depth - 1))]),
        3 => WitType.RecordOf([.. Many(6).Select(index => (Name(index), Type(depth - 1)))]),
        4 => WitType.VariantOf([.. Many(5).Select(index => (Name(index), _random.Next(3) == 0 ? null : Type(depth - 1)))]),
        5 => WitType.OptionOf(Type(depth - 1)),
        6 => WitType.ResultOf(_random.Next(3) == 0 ? null : Type(depth - 1), _random.Next(3) == 0 ? null : Type(depth - 1)),
        7 => WitType.FlagsOf([.. Many(32).Select(Name)]),
        _ => WitType.EnumOf([.. Many(_random.Next(10) == 0 ? 300 : 9).Select(Name)]),
    };

    public ComponentValue Value(WitType type) => type switch
    {
        WitType.Primitive primitive => Primitive(primitive.Kind),
        WitType.Flags flags => new ComponentValue.Number((uint)_random.NextInt64() & flags.Mask),
        WitType.Enumeration enumeration => new ComponentValue.Number((uint)_random.Next(enumeration.Names.Length)),
        WitType.List { Element: WitType.Primitive { Kind: PrimitiveKind.U8 } } => new ComponentValue.Bytes(Octets(_random.Next(40))),
        WitType.List list => new ComponentValue.Items([.. Enumerable.Range(0, _random.Next(5)).Select(_ => Value(list.Element))]),
        WitType.Product product => new ComponentValue.Items([.. product.Parts.Select(Value)]),
        WitType.Sum sum when _random.Next(sum.Payloads.Length) is var number =>
            new ComponentValue.Choice(number, sum.Payloads[number] is { } payload ? Value(payload) : null),
        _ => throw new ArgumentException($"{type}"),
    };

    private ComponentValue Primitive(PrimitiveKind kind)
    {
        var bits = _random.Next(4) switch { 0 => 0, 1 => -1, _ => _random.NextInt64(long.MinValue, long.MaxValue) };
        return kind switch
        {
            PrimitiveKind.Bool => new ComponentValue.Truth((bits & 1) != 0),
            PrimitiveKind.S8 => new ComponentValue.Whole((sbyte)bits),
            PrimitiveKind.U8 => new ComponentValue.Natural((byte)bits),
            PrimitiveKind.S16 => new ComponentValue.Whole((short)bits),
            PrimitiveKind.U16 => new ComponentValue.Natural((ushort)bits),
            PrimitiveKind.S32 => new ComponentValue.Whole((int)bits),
            PrimitiveKind.U32 => new ComponentValue.Natural((uint)bits),
            PrimitiveKind.S64 => new ComponentValue.Whole(bits),
            PrimitiveKind.U64 => new ComponentValue.Natural((ulong)bits),
            PrimitiveKind.F32 => new ComponentValue.F32(BitConverter.Int32BitsToSingle((int)bits)),
            PrimitiveKind.F64 => new ComponentValue.F64(BitConverter.Int64BitsToDouble(bits)),
            PrimitiveKind.Scalar => new ComponentValue.Scalar(Rune()),
            _ => new ComponentValue.Text(string.Concat(Enumerable.Range(0, _random.Next(12)).Select(_ => Rune().ToString()))),
        };
    }

    private Rune Rune() => _random.Next(4) switch
    {
        0 => new Rune(_random.Next(0xE000, 0x10FFFF + 1)),
        1 => new Rune(_random.Next(0x80, 0x100)),
        2 => new Rune(_random.Next(0x100, 0xD800)),
        _ => new Rune(_random.Next(0, 0x80)),
    };

    private byte[] Octets(int count)
    {
        var octets = new byte[count];
        _random.NextBytes(octets);
        return octets;
    }

    private IEnumerable<int> Many(int most) => Enumerable.Range(0, _random.Next(1, most + 1));

    private static string Name(int index) => $"n{index}";
}
