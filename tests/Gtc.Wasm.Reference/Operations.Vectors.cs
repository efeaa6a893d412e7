using System.Numerics;
using System.Runtime.InteropServices;

namespace Gtc.Wasm.Reference;

/// <content>Vectors, lane by lane.</content>
internal static partial class Operations
{
    private static void AddVectors()
    {
        One.Add("v128.not", a => new Value(~a.Low, ~a.High));
        Two.Add("v128.and", (a, b) => new Value(a.Low & b.Low, a.High & b.High));
        Two.Add("v128.andnot", (a, b) => new Value(a.Low & ~b.Low, a.High & ~b.High));
        Two.Add("v128.or", (a, b) => new Value(a.Low | b.Low, a.High | b.High));
        Two.Add("v128.xor", (a, b) => new Value(a.Low ^ b.Low, a.High ^ b.High));
        One.Add("v128.any_true", a => Value.Flag((a.Low | a.High) != 0));
        Two.Add("i8x16.swizzle", (a, b) => Zip<byte, byte>(a, b, (_, place) => place < 16 ? Lanes<byte>(a)[place] : (byte)0));
        AddIntegerLanes<sbyte, byte, short, ushort>("i8x16", "i16x8");
        AddIntegerLanes<short, ushort, int, uint>("i16x8", "i32x4");
        AddIntegerLanes<int, uint, long, ulong>("i32x4", "i64x2");
        AddIntegerLanes<long, ulong, Int128, UInt128>("i64x2", null);
        AddFloatLanes<float>("f32x4");
        AddFloatLanes<double>("f64x2");
        AddNarrowing<short, sbyte, byte>("i8x16.narrow_i16x8");
        AddNarrowing<int, short, ushort>("i16x8.narrow_i32x4");
        Zips<short>("i16x8.q15mulr_sat_s", (a, b) => short.CreateSaturating((a * b + 0x4000) >> 15));
        Two.Add("i32x4.dot_i16x8_s", (a, b) => Gather(4, lane =>
            Lanes<short>(a)[lane * 2] * Lanes<short>(b)[lane * 2] + (Lanes<short>(a)[lane * 2 + 1] * Lanes<short>(b)[lane * 2 + 1])));
        AddVectorConversions();
    }

    private static void AddIntegerLanes<TSigned, TUnsigned, TWideSigned, TWideUnsigned>(string shape, string? wide)
        where TSigned : unmanaged, IBinaryInteger<TSigned>
        where TUnsigned : unmanaged, IBinaryInteger<TUnsigned>
        where TWideSigned : unmanaged, IBinaryInteger<TWideSigned>
        where TWideUnsigned : unmanaged, IBinaryInteger<TWideUnsigned>
    {
        Masks<TSigned>($"{shape}.eq", (a, b) => a == b);
        Masks<TSigned>($"{shape}.ne", (a, b) => a != b);
        AddOrder<TSigned>(shape, "_s");
        AddOrder<TUnsigned>(shape, "_u");
        Maps<TSigned, TSigned>($"{shape}.abs", a => TSigned.IsNegative(a) ? unchecked(TSigned.Zero - a) : a);
        Maps<TSigned, TSigned>($"{shape}.neg", a => unchecked(TSigned.Zero - a));
        Maps<TUnsigned, TUnsigned>($"{shape}.popcnt", TUnsigned.PopCount);
        Zips<TUnsigned>($"{shape}.add", (a, b) => unchecked(a + b));
        Zips<TUnsigned>($"{shape}.sub", (a, b) => unchecked(a - b));
        Zips<TUnsigned>($"{shape}.mul", (a, b) => unchecked(a * b));
        Zips<TUnsigned>($"{shape}.avgr_u", (a, b) => TUnsigned.CreateTruncating((Int128.CreateTruncating(a) + Int128.CreateTruncating(b) + 1) >> 1));
        AddSaturating<TSigned>(shape, "_s");
        AddSaturating<TUnsigned>(shape, "_u");
        Two.Add($"{shape}.shl", (a, count) => Map<TUnsigned, TUnsigned>(a, lane => lane << LaneShift<TUnsigned>(count)));
        Two.Add($"{shape}.shr_s", (a, count) => Map<TSigned, TSigned>(a, lane => lane >> LaneShift<TSigned>(count)));
        Two.Add($"{shape}.shr_u", (a, count) => Map<TUnsigned, TUnsigned>(a, lane => lane >> LaneShift<TUnsigned>(count)));
        One.Add($"{shape}.all_true", a => Value.Flag(!Lanes<TSigned>(a).Contains(TSigned.Zero)));
        One.Add($"{shape}.bitmask", a => Value.Of(Lanes<TSigned>(a).Select((lane, place) => TSigned.IsNegative(lane) ? 1 << place : 0).Sum()));
        if (wide is not null)
        {
            AddWidening<TSigned, TWideSigned>(shape, wide, "_s");
            AddWidening<TUnsigned, TWideUnsigned>(shape, wide, "_u");
        }
    }

    private static int LaneShift<T>(Value count)
        where T : IBinaryInteger<T> => count.As<int>() & (T.Zero.GetByteCount() * 8 - 1);

    private static void AddOrder<T>(string shape, string sign)
        where T : unmanaged, IBinaryInteger<T>
    {
        Masks<T>($"{shape}.lt{sign}", (a, b) => a < b);
        Masks<T>($"{shape}.gt{sign}", (a, b) => a > b);
        Masks<T>($"{shape}.le{sign}", (a, b) => a <= b);
        Masks<T>($"{shape}.ge{sign}", (a, b) => a >= b);
        Zips<T>($"{shape}.min{sign}", (a, b) => a < b ? a : b);
        Zips<T>($"{shape}.max{sign}", (a, b) => a > b ? a : b);
    }

    private static void AddSaturating<T>(string shape, string sign)
        where T : unmanaged, IBinaryInteger<T>
    {
        Zips<T>($"{shape}.add_sat{sign}", (a, b) => T.CreateSaturating(Int128.CreateTruncating(a) + Int128.CreateTruncating(b)));
        Zips<T>($"{shape}.sub_sat{sign}", (a, b) => T.CreateSaturating(Int128.CreateTruncating(a) - Int128.CreateTruncating(b)));
    }

    private static void AddWidening<TNarrow, TWide>(string narrow, string wide, string sign)
        where TNarrow : unmanaged, IBinaryInteger<TNarrow>
        where TWide : unmanaged, IBinaryInteger<TWide>
    {
        var half = Lanes<TWide>(default).Length;
        foreach (var (part, start) in new[] { ("low", 0), ("high", half) })
        {
            One.Add($"{wide}.extend_{part}_{narrow}{sign}", a => Gather(half, lane => TWide.CreateTruncating(Lanes<TNarrow>(a)[start + lane])));
            Two.Add($"{wide}.extmul_{part}_{narrow}{sign}", (a, b) => Gather(half, lane =>
                unchecked(TWide.CreateTruncating(Lanes<TNarrow>(a)[start + lane]) * TWide.CreateTruncating(Lanes<TNarrow>(b)[start + lane]))));
        }

        One.Add($"{wide}.extadd_pairwise_{narrow}{sign}", a => Gather(half, lane =>
            unchecked(TWide.CreateTruncating(Lanes<TNarrow>(a)[lane * 2]) + TWide.CreateTruncating(Lanes<TNarrow>(a)[lane * 2 + 1]))));
    }

    private static void AddNarrowing<TWide, TSigned, TUnsigned>(string name)
        where TWide : unmanaged, IBinaryInteger<TWide>
        where TSigned : unmanaged, IBinaryInteger<TSigned>
        where TUnsigned : unmanaged, IBinaryInteger<TUnsigned>
    {
        Two.Add($"{name}_s", (a, b) => Pack([.. Lanes<TWide>(a).Concat(Lanes<TWide>(b)).Select(TSigned.CreateSaturating)]));
        Two.Add($"{name}_u", (a, b) => Pack([.. Lanes<TWide>(a).Concat(Lanes<TWide>(b)).Select(TUnsigned.CreateSaturating)]));
    }

    private static void AddFloatLanes<T>(string shape)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Masks<T>($"{shape}.eq", (a, b) => a == b);
        Masks<T>($"{shape}.ne", (a, b) => a != b);
        Masks<T>($"{shape}.lt", (a, b) => a < b);
        Masks<T>($"{shape}.gt", (a, b) => a > b);
        Masks<T>($"{shape}.le", (a, b) => a <= b);
        Masks<T>($"{shape}.ge", (a, b) => a >= b);
        Zips<T>($"{shape}.pmin", (a, b) => b < a ? b : a);
        Zips<T>($"{shape}.pmax", (a, b) => a < b ? b : a);
        foreach (var (name, body) in FloatUnary<T>())
        {
            Maps($"{shape}.{name}", body);
        }

        foreach (var (name, body) in FloatBinary<T>())
        {
            Zips($"{shape}.{name}", body);
        }
    }

    private static void AddVectorConversions()
    {
        One.Add("f32x4.demote_f64x2_zero", a => Gather(4, lane => lane < 2 ? Canonical((float)Lanes<double>(a)[lane]) : 0));
        One.Add("f64x2.promote_low_f32x4", a => Gather(2, lane => Canonical((double)Lanes<float>(a)[lane])));
        Maps<float, int>("i32x4.trunc_sat_f32x4_s", a => SaturateI32(a));
        Maps<float, uint>("i32x4.trunc_sat_f32x4_u", a => SaturateU32(a));
        One.Add("i32x4.trunc_sat_f64x2_s_zero", a => Gather(4, lane => lane < 2 ? SaturateI32(Lanes<double>(a)[lane]) : 0));
        One.Add("i32x4.trunc_sat_f64x2_u_zero", a => Gather(4, lane => lane < 2 ? SaturateU32(Lanes<double>(a)[lane]) : 0));
        Maps<int, float>("f32x4.convert_i32x4_s", a => a);
        Maps<uint, float>("f32x4.convert_i32x4_u", a => (float)(long)a);
        One.Add("f64x2.convert_low_i32x4_s", a => Gather(2, lane => (double)Lanes<int>(a)[lane]));
        One.Add("f64x2.convert_low_i32x4_u", a => Gather(2, lane => (double)Lanes<uint>(a)[lane]));
    }

    internal static T[] Lanes<T>(Value vector)
        where T : unmanaged => MemoryMarshal.Cast<ulong, T>([vector.Low, vector.High]).ToArray();

    internal static Value Pack<T>(T[] lanes)
        where T : unmanaged
    {
        var bits = MemoryMarshal.Cast<T, ulong>(lanes);
        return new Value(bits[0], bits[1]);
    }

    internal static Value Gather<T>(int count, Func<int, T> lane)
        where T : unmanaged => Pack([.. Enumerable.Range(0, count).Select(lane)]);

    private static Value Map<TIn, TOut>(Value a, Func<TIn, TOut> body)
        where TIn : unmanaged
        where TOut : unmanaged => Pack([.. Lanes<TIn>(a).Select(body)]);

    private static Value Zip<TIn, TOut>(Value a, Value b, Func<TIn, TIn, TOut> body)
        where TIn : unmanaged
        where TOut : unmanaged => Pack([.. Lanes<TIn>(a).Zip(Lanes<TIn>(b), body)]);

    private static void Maps<TIn, TOut>(string name, Func<TIn, TOut> body)
        where TIn : unmanaged
        where TOut : unmanaged => One.Add(name, a => Map(a, body));

    private static void Zips<T>(string name, Func<T, T, T> body)
        where T : unmanaged => Two.Add(name, (a, b) => Zip(a, b, body));

    private static void Masks<T>(string name, Func<T, T, bool> body)
        where T : unmanaged => Two.Add(name, (a, b) =>
    {
        var (left, right) = (Lanes<T>(a), Lanes<T>(b));
        var size = 16 / left.Length;
        return Gather(16, place => body(left[place / size], right[place / size]) ? (byte)0xFF : (byte)0);
    });
}
