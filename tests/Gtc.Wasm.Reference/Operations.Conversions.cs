namespace Gtc.Wasm.Reference;

/// <content>Conversions between numbers.</content>
internal static partial class Operations
{
    private const double TwoTo31 = 2147483648.0;
    private const double TwoTo32 = 4294967296.0;
    private const double TwoTo63 = 9223372036854775808.0;
    private const double TwoTo64 = 18446744073709551616.0;

    private static void AddConversions()
    {
        Unary<long, int>("i32.wrap_i64", a => unchecked((int)a));
        Unary<int, long>("i64.extend_i32_s", a => a);
        Unary<uint, ulong>("i64.extend_i32_u", a => a);
        Unary<sbyte, int>("i32.extend8_s", a => a);
        Unary<short, int>("i32.extend16_s", a => a);
        Unary<sbyte, long>("i64.extend8_s", a => a);
        Unary<short, long>("i64.extend16_s", a => a);
        Unary<int, long>("i64.extend32_s", a => a);
        Unary<double, float>("f32.demote_f64", a => Canonical((float)a));
        Unary<float, double>("f64.promote_f32", a => Canonical((double)a));
        Unary<uint, uint>("i32.reinterpret_f32", a => a);
        Unary<ulong, ulong>("i64.reinterpret_f64", a => a);
        Unary<uint, uint>("f32.reinterpret_i32", a => a);
        Unary<ulong, ulong>("f64.reinterpret_i64", a => a);
        Unary<int, float>("f32.convert_i32_s", a => a);
        Unary<uint, float>("f32.convert_i32_u", a => (float)(long)a);
        Unary<long, float>("f32.convert_i64_s", a => a);
        Unary<ulong, float>("f32.convert_i64_u", ToSingle);
        Unary<int, double>("f64.convert_i32_s", a => a);
        Unary<uint, double>("f64.convert_i32_u", a => (double)(long)a);
        Unary<long, double>("f64.convert_i64_s", a => a);
        Unary<ulong, double>("f64.convert_i64_u", ToDouble);
        AddTruncations<float>("f32", a => a);
        AddTruncations<double>("f64", a => a);
    }

    private static void AddTruncations<T>(string from, Func<T, double> widen)
        where T : unmanaged
    {
        Unary<T, int>($"i32.trunc_{from}_s", a => (int)Whole(widen(a), -TwoTo31, TwoTo31));
        Unary<T, uint>($"i32.trunc_{from}_u", a => (uint)Whole(widen(a), 0, TwoTo32));
        Unary<T, long>($"i64.trunc_{from}_s", a => (long)Whole(widen(a), -TwoTo63, TwoTo63));
        Unary<T, ulong>($"i64.trunc_{from}_u", a => (ulong)Whole(widen(a), 0, TwoTo64));
        Unary<T, int>($"i32.trunc_sat_{from}_s", a => SaturateI32(widen(a)));
        Unary<T, uint>($"i32.trunc_sat_{from}_u", a => SaturateU32(widen(a)));
        Unary<T, long>($"i64.trunc_sat_{from}_s", a =>
            double.IsNaN(widen(a)) ? 0 : widen(a) < -TwoTo63 ? long.MinValue : widen(a) >= TwoTo63 ? long.MaxValue : (long)widen(a));
        Unary<T, ulong>($"i64.trunc_sat_{from}_u", a =>
            double.IsNaN(widen(a)) || widen(a) <= -1 ? 0 : widen(a) >= TwoTo64 ? ulong.MaxValue : (ulong)Math.Max(0, widen(a)));
    }

    private static int SaturateI32(double number) =>
        double.IsNaN(number) ? 0 : number <= int.MinValue ? int.MinValue : number >= int.MaxValue ? int.MaxValue : (int)number;

    private static uint SaturateU32(double number) =>
        double.IsNaN(number) || number <= 0 ? 0 : number >= uint.MaxValue ? uint.MaxValue : (uint)number;

    private static double Whole(double number, double least, double beyond)
    {
        if (double.IsNaN(number))
        {
            throw new TrapException("invalid conversion to integer");
        }

        var whole = Math.Truncate(number);
        return whole >= least && whole < beyond ? whole : throw new TrapException("integer overflow");
    }

    // Half the number, with the lost bit kept as a sticky one, rounds as the whole does.
    private static float ToSingle(ulong number) =>
        number <= long.MaxValue ? (float)(long)number : 2 * (float)(long)((number >> 1) | (number & 1));

    private static double ToDouble(ulong number) =>
        number <= long.MaxValue ? (double)(long)number : 2 * (double)(long)((number >> 1) | (number & 1));
}
