using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Gtc.Wasm;

/// <summary>
/// A value that crosses the boundary between host and guest. It does not know its type: the function's or global's type says how it is read, and reading it
/// otherwise yields other bits. References are checked when they enter a guest.
/// </summary>
public readonly struct WasmValue : IEquatable<WasmValue>
{
    private readonly Vector128<byte> _bits;
    private readonly object? _reference;

    /// <summary>A number of 32 bits.</summary>
    public WasmValue(int value) => _bits = Vector128.CreateScalar(value).AsByte();

    /// <summary>A number of 32 bits.</summary>
    public WasmValue(uint value) => _bits = Vector128.CreateScalar(value).AsByte();

    /// <summary>A number of 64 bits.</summary>
    public WasmValue(long value) => _bits = Vector128.CreateScalar(value).AsByte();

    /// <summary>A number of 64 bits.</summary>
    public WasmValue(ulong value) => _bits = Vector128.CreateScalar(value).AsByte();

    /// <summary>A single-precision number; its bits are kept, those of a not-a-number too.</summary>
    public WasmValue(float value) => _bits = Vector128.CreateScalar(BitConverter.SingleToUInt32Bits(value)).AsByte();

    /// <summary>A double-precision number; its bits are kept, those of a not-a-number too.</summary>
    public WasmValue(double value) => _bits = Vector128.CreateScalar(BitConverter.DoubleToUInt64Bits(value)).AsByte();

    /// <summary>A vector.</summary>
    public WasmValue(Vector128<byte> value) => _bits = value;

    private WasmValue(object? reference) => _reference = reference;

    /// <summary>The null reference; also zero.</summary>
    public static WasmValue Null => default;

    /// <summary>Read as i32.</summary>
    public int I32 => _bits.AsInt32().ToScalar();

    /// <summary>Read as i64.</summary>
    public long I64 => _bits.AsInt64().ToScalar();

    /// <summary>Read as f32.</summary>
    public float F32 => BitConverter.Int32BitsToSingle(I32);

    /// <summary>Read as f64.</summary>
    public double F64 => BitConverter.Int64BitsToDouble(I64);

    /// <summary>Read as v128.</summary>
    public Vector128<byte> V128 => _bits;

    /// <summary>Read as a reference: a <see cref="WasmFunction"/>, what the host made, or null.</summary>
    public object? Reference => _reference;

    /// <summary>A reference to a function, or null.</summary>
    public static WasmValue Function(WasmFunction? function) => new((object?)function);

    /// <summary>A reference of the host's own, or null.</summary>
    public static WasmValue External(object? reference) => new(reference);

    /// <summary>Wraps a number.</summary>
    public static implicit operator WasmValue(int value) => new(value);

    /// <summary>Wraps a number.</summary>
    public static implicit operator WasmValue(uint value) => new(value);

    /// <summary>Wraps a number.</summary>
    public static implicit operator WasmValue(long value) => new(value);

    /// <summary>Wraps a number.</summary>
    public static implicit operator WasmValue(ulong value) => new(value);

    /// <summary>Wraps a number.</summary>
    public static implicit operator WasmValue(float value) => new(value);

    /// <summary>Wraps a number.</summary>
    public static implicit operator WasmValue(double value) => new(value);

    /// <summary>Wraps a vector.</summary>
    public static implicit operator WasmValue(Vector128<byte> value) => new(value);

    /// <summary>True when all bits are the same and the references are one object.</summary>
    public bool Equals(WasmValue other) => _bits == other._bits && ReferenceEquals(_reference, other._reference);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is WasmValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_bits, RuntimeHelpers.GetHashCode(_reference));

    /// <summary>Compares bits.</summary>
    public static bool operator ==(WasmValue left, WasmValue right) => left.Equals(right);

    /// <summary>Compares bits.</summary>
    public static bool operator !=(WasmValue left, WasmValue right) => !left.Equals(right);

    /// <inheritdoc/>
    public override string ToString() => _reference?.ToString() ?? $"0x{_bits.AsUInt64().GetElement(1):x16}{_bits.AsUInt64().ToScalar():x16}";
}
