using System.Numerics;

namespace Gtc.Wasm.Reference;

/// <summary>What the instructions without side effects compute, by their names in the text format. Written to be plainly right; speed does not matter.</summary>
internal static partial class Operations
{
    private static readonly Dictionary<string, Func<Value, Value>> One = new(StringComparer.Ordinal);
    private static readonly Dictionary<string, Func<Value, Value, Value>> Two = new(StringComparer.Ordinal);

    static Operations()
    {
        AddInteger<int, uint>("i32");
        AddInteger<long, ulong>("i64");
        AddFloat<float>("f32");
        AddFloat<double>("f64");
        AddConversions();
        AddVectors();
    }

    /// <summary>The function of an instruction with one operand, or null.</summary>
    public static Func<Value, Value>? OfOne(string name) => One.GetValueOrDefault(name);

    /// <summary>The function of an instruction with two operands, or null.</summary>
    public static Func<Value, Value, Value>? OfTwo(string name) => Two.GetValueOrDefault(name);

    private static void Unary<TIn, TOut>(string name, Func<TIn, TOut> body)
        where TIn : unmanaged
        where TOut : unmanaged => One.Add(name, a => Value.Of(body(a.As<TIn>())));

    private static void Binary<T>(string name, Func<T, T, T> body)
        where T : unmanaged => Two.Add(name, (a, b) => Value.Of(body(a.As<T>(), b.As<T>())));

    private static void Compare<T>(string name, Func<T, T, bool> body)
        where T : unmanaged => Two.Add(name, (a, b) => Value.Flag(body(a.As<T>(), b.As<T>())));

    private static void AddInteger<TSigned, TUnsigned>(string type)
        where TSigned : unmanaged, IBinaryInteger<TSigned>, IMinMaxValue<TSigned>
        where TUnsigned : unmanaged, IBinaryInteger<TUnsigned>
    {
        One.Add($"{type}.eqz", a => Value.Flag(a.As<TSigned>() == TSigned.Zero));
        Compare<TSigned>($"{type}.eq", (a, b) => a == b);
        Compare<TSigned>($"{type}.ne", (a, b) => a != b);
        Compare<TSigned>($"{type}.lt_s", (a, b) => a < b);
        Compare<TUnsigned>($"{type}.lt_u", (a, b) => a < b);
        Compare<TSigned>($"{type}.gt_s", (a, b) => a > b);
        Compare<TUnsigned>($"{type}.gt_u", (a, b) => a > b);
        Compare<TSigned>($"{type}.le_s", (a, b) => a <= b);
        Compare<TUnsigned>($"{type}.le_u", (a, b) => a <= b);
        Compare<TSigned>($"{type}.ge_s", (a, b) => a >= b);
        Compare<TUnsigned>($"{type}.ge_u", (a, b) => a >= b);
        Unary<TUnsigned, TUnsigned>($"{type}.clz", TUnsigned.LeadingZeroCount);
        Unary<TUnsigned, TUnsigned>($"{type}.ctz", TUnsigned.TrailingZeroCount);
        Unary<TUnsigned, TUnsigned>($"{type}.popcnt", TUnsigned.PopCount);
        Binary<TUnsigned>($"{type}.add", (a, b) => unchecked(a + b));
        Binary<TUnsigned>($"{type}.sub", (a, b) => unchecked(a - b));
        Binary<TUnsigned>($"{type}.mul", (a, b) => unchecked(a * b));
        Binary<TSigned>($"{type}.div_s", (a, b) =>
            b == TSigned.Zero ? throw new TrapException("integer divide by zero")
            : a == TSigned.MinValue && b == -TSigned.One ? throw new TrapException("integer overflow")
            : a / b);
        Binary<TUnsigned>($"{type}.div_u", (a, b) => b == TUnsigned.Zero ? throw new TrapException("integer divide by zero") : a / b);
        Binary<TSigned>($"{type}.rem_s", (a, b) =>
            b == TSigned.Zero ? throw new TrapException("integer divide by zero") : b == -TSigned.One ? TSigned.Zero : a % b);
        Binary<TUnsigned>($"{type}.rem_u", (a, b) => b == TUnsigned.Zero ? throw new TrapException("integer divide by zero") : a % b);
        Binary<TUnsigned>($"{type}.and", (a, b) => a & b);
        Binary<TUnsigned>($"{type}.or", (a, b) => a | b);
        Binary<TUnsigned>($"{type}.xor", (a, b) => a ^ b);
        Binary<TUnsigned>($"{type}.shl", (a, b) => a << Shift(b));
        Binary<TSigned>($"{type}.shr_s", (a, b) => a >> Shift(b));
        Binary<TUnsigned>($"{type}.shr_u", (a, b) => a >> Shift(b));
        Binary<TUnsigned>($"{type}.rotl", (a, b) => TUnsigned.RotateLeft(a, Shift(b)));
        Binary<TUnsigned>($"{type}.rotr", (a, b) => TUnsigned.RotateRight(a, Shift(b)));
    }

    private static int Shift<T>(T count)
        where T : IBinaryInteger<T> => int.CreateTruncating(count) & (T.Zero.GetByteCount() * 8 - 1);

    private static void AddFloat<T>(string type)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Compare<T>($"{type}.eq", (a, b) => a == b);
        Compare<T>($"{type}.ne", (a, b) => a != b);
        Compare<T>($"{type}.lt", (a, b) => a < b);
        Compare<T>($"{type}.gt", (a, b) => a > b);
        Compare<T>($"{type}.le", (a, b) => a <= b);
        Compare<T>($"{type}.ge", (a, b) => a >= b);
        foreach (var (name, body) in FloatUnary<T>())
        {
            Unary($"{type}.{name}", body);
        }

        foreach (var (name, body) in FloatBinary<T>())
        {
            Binary($"{type}.{name}", body);
        }

        Binary<T>($"{type}.copysign", (a, b) => T.IsNegative(a) == T.IsNegative(b) ? a : -a);
    }

    private static (string Name, Func<T, T> Body)[] FloatUnary<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
    [
        ("abs", a => T.IsNegative(a) ? -a : a),
        ("neg", a => -a),
        ("ceil", a => Canonical(T.Ceiling(a))),
        ("floor", a => Canonical(T.Floor(a))),
        ("trunc", a => Canonical(T.Truncate(a))),
        ("nearest", a => Canonical(T.Round(a, MidpointRounding.ToEven))),
        ("sqrt", a => Canonical(T.Sqrt(a))),
    ];

    private static (string Name, Func<T, T, T> Body)[] FloatBinary<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
    [
        ("add", (a, b) => Canonical(a + b)),
        ("sub", (a, b) => Canonical(a - b)),
        ("mul", (a, b) => Canonical(a * b)),
        ("div", (a, b) => Canonical(a / b)),
        ("min", (a, b) => T.IsNaN(a) || T.IsNaN(b) ? Canonical(T.NaN) : a < b || (a == b && T.IsNegative(a)) ? a : b),
        ("max", (a, b) => T.IsNaN(a) || T.IsNaN(b) ? Canonical(T.NaN) : a > b || (a == b && T.IsPositive(a)) ? a : b),
    ];

    // Every NaN that is computed is the positive canonical one, which the specification always allows.
    private static T Canonical<T>(T number)
        where T : IFloatingPointIeee754<T> => !T.IsNaN(number) ? number : T.IsNegative(T.NaN) ? -T.NaN : T.NaN;
}
