using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Gtc.Wasm.Reference;

/// <summary>One value: up to 128 bits, the low ones first, or a reference (null is the null reference).</summary>
public readonly record struct Value(ulong Low, ulong High = 0, object? Reference = null)
{
    /// <summary>The low bits read as a number.</summary>
    public T As<T>()
        where T : unmanaged
    {
        var bits = Vector128.Create(Low, High);
        return Unsafe.As<Vector128<ulong>, T>(ref bits);
    }

    /// <summary>A number's bits; what is above them is zero.</summary>
    public static Value Of<T>(T number)
        where T : unmanaged
    {
        Span<ulong> bits = [0, 0];
        MemoryMarshal.Write(MemoryMarshal.AsBytes(bits), in number);
        return new Value(bits[0], bits[1]);
    }

    /// <summary>1 for true.</summary>
    public static Value Flag(bool flag) => new(flag ? 1UL : 0UL);

    /// <summary>A reference.</summary>
    public static Value To(object? target) => new(0, 0, target);
}
