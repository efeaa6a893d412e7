namespace Gtc.Wasm;

/// <summary>The type of a value; the number is the type's byte in the binary format.</summary>
public enum ValueType : byte
{
    /// <summary>Any type. It stands on the operand stack of code that cannot be reached, nowhere else.</summary>
    Unknown = 0,

    /// <summary>A reference that the host made; opaque to the guest.</summary>
    ExternRef = 0x6F,

    /// <summary>A reference to a function.</summary>
    FuncRef = 0x70,

    /// <summary>128 bits, seen as lanes by the instructions.</summary>
    V128 = 0x7B,

    /// <summary>A double-precision number.</summary>
    F64 = 0x7C,

    /// <summary>A single-precision number.</summary>
    F32 = 0x7D,

    /// <summary>64 bits, signed or not as each instruction says.</summary>
    I64 = 0x7E,

    /// <summary>32 bits, signed or not as each instruction says.</summary>
    I32 = 0x7F,
}

/// <summary>What can be said of a type alone.</summary>
public static class ValueTypes
{
    /// <summary>True for the types of references.</summary>
    public static bool IsReference(this ValueType type) => type is ValueType.FuncRef or ValueType.ExternRef;

    /// <summary>True for the four number types.</summary>
    public static bool IsNumber(this ValueType type) => type is ValueType.I32 or ValueType.I64 or ValueType.F32 or ValueType.F64;

    /// <summary>The name in the text format.</summary>
    public static string Name(this ValueType type) => type switch
    {
        ValueType.I32 => "i32",
        ValueType.I64 => "i64",
        ValueType.F32 => "f32",
        ValueType.F64 => "f64",
        ValueType.V128 => "v128",
        ValueType.FuncRef => "funcref",
        ValueType.ExternRef => "externref",
        _ => "any type",
    };

    internal static bool IsKnown(byte value) => value is 0x6F or 0x70 or (>= 0x7B and <= 0x7F);
}
