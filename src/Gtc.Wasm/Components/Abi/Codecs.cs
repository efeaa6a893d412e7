using System.Text;

namespace Gtc.Wasm.Components;

/// <summary>Codecs for the common types, and makers for compound ones.</summary>
public static class Codecs
{
    /// <summary>bool.</summary>
    public static Codec<bool> Bool { get; } = new BoolCodec();

    /// <summary>s8.</summary>
    public static Codec<sbyte> S8 { get; } = new IntegerCodec<sbyte>(WitType.S8);

    /// <summary>u8.</summary>
    public static Codec<byte> U8 { get; } = new IntegerCodec<byte>(WitType.U8);

    /// <summary>s16.</summary>
    public static Codec<short> S16 { get; } = new IntegerCodec<short>(WitType.S16);

    /// <summary>u16.</summary>
    public static Codec<ushort> U16 { get; } = new IntegerCodec<ushort>(WitType.U16);

    /// <summary>s32.</summary>
    public static Codec<int> S32 { get; } = new IntegerCodec<int>(WitType.S32);

    /// <summary>u32.</summary>
    public static Codec<uint> U32 { get; } = new IntegerCodec<uint>(WitType.U32);

    /// <summary>s64.</summary>
    public static Codec<long> S64 { get; } = new IntegerCodec<long>(WitType.S64);

    /// <summary>u64.</summary>
    public static Codec<ulong> U64 { get; } = new IntegerCodec<ulong>(WitType.U64);

    /// <summary>f32; every NaN becomes the canonical one.</summary>
    public static Codec<float> F32 { get; } = new SingleCodec();

    /// <summary>f64; every NaN becomes the canonical one.</summary>
    public static Codec<double> F64 { get; } = new DoubleCodec();

    /// <summary>char.</summary>
    public static Codec<Rune> Scalar { get; } = new CharCodec();

    /// <summary>string. A lone surrogate on the way in becomes U+FFFD.</summary>
    public static Codec<string> Text { get; } = new StringCodec();

    /// <summary>list&lt;u8&gt;, copied both ways.</summary>
    public static Codec<byte[]> Bytes { get; } = new BytesCodec();

    /// <summary>list&lt;u8&gt; written from memory that need not be an array of its own.</summary>
    public static Codec<ReadOnlyMemory<byte>> Memory { get; } = new MemoryCodec();

    /// <summary>A list.</summary>
    public static Codec<T[]> List<T>(Codec<T> element) => new ListCodec<T>(element);

    /// <summary>An option of a reference type; null is none.</summary>
    public static Codec<T?> Option<T>(Codec<T> value)
        where T : class => new OptionCodec<T>(value);

    /// <summary>An option of a value type; null is none.</summary>
    public static Codec<T?> Optional<T>(Codec<T> value)
        where T : struct => new OptionalCodec<T>(value);

    /// <summary>A result whose two cases carry values.</summary>
    public static Codec<WitResult<TOk, TError>> Result<TOk, TError>(Codec<TOk> ok, Codec<TError> error) => new ResultCodec<TOk, TError>(ok, error);

    /// <summary>A tuple of two.</summary>
    public static Codec<(T1, T2)> Tuple<T1, T2>(Codec<T1> first, Codec<T2> second) => new PairCodec<T1, T2>(first, second);

    /// <summary>The parameters of a function that has one.</summary>
    public static RecordCodec<T> Parameters<T>(Codec<T> only) => new SingletonCodec<T>(only);

    /// <summary>The parameters of a function that has two.</summary>
    public static RecordCodec<(T1, T2)> Parameters<T1, T2>(Codec<T1> first, Codec<T2> second) => new PairCodec<T1, T2>(first, second);

    /// <summary>The parameters of a function that has three.</summary>
    public static RecordCodec<(T1, T2, T3)> Parameters<T1, T2, T3>(Codec<T1> first, Codec<T2> second, Codec<T3> third) =>
        new TripleCodec<T1, T2, T3>(first, second, third);

    /// <summary>The same component type seen as another C# type, such as an enumeration.</summary>
    public static Codec<TTo> As<TFrom, TTo>(Codec<TFrom> inner, Func<TFrom, TTo> lift, Func<TTo, TFrom> lower) => new MappedCodec<TFrom, TTo>(inner, lift, lower);

    /// <summary>Values of any type as <see cref="ComponentValue"/>.</summary>
    public static Codec<ComponentValue> Value(WitType type) => ValueCodecs.Of(type);

    /// <summary>A handle to a resource of the host, owned by whoever receives it.</summary>
    public static Codec<T> Own<T>(HostResourceType<T> resource)
        where T : class => new HostHandleCodec<T>(resource, borrowed: false);

    /// <summary>A handle to a resource of the host, lent for the time of one call.</summary>
    public static Codec<T> Borrow<T>(HostResourceType<T> resource)
        where T : class => new HostHandleCodec<T>(resource, borrowed: true);
}

/// <summary>A component's <c>result</c>.</summary>
/// <typeparam name="TOk">What success carries.</typeparam>
/// <typeparam name="TError">What failure carries.</typeparam>
/// <param name="IsOk">Which case.</param>
/// <param name="Ok">Meaningful when <paramref name="IsOk"/>.</param>
/// <param name="Error">Meaningful when not <paramref name="IsOk"/>.</param>
public readonly record struct WitResult<TOk, TError>(bool IsOk, TOk? Ok, TError? Error)
{
    /// <summary>Wraps a success.</summary>
    public static implicit operator WitResult<TOk, TError>(TOk value) => new(true, value, default);
}
