using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.Intrinsics;

namespace Gtc.Wasm;

/// <summary>How values and functions of guests look to the runtime.</summary>
internal static class ClrTypes
{
    public static Type Of(ValueType type) => type switch
    {
        ValueType.I32 => typeof(int),
        ValueType.I64 => typeof(long),
        ValueType.F32 => typeof(float),
        ValueType.F64 => typeof(double),
        ValueType.V128 => typeof(Vector128<byte>),
        _ => typeof(object),
    };

    /// <summary>The type that a compiled function returns: several results go through <see cref="WasmStore.Results"/>.</summary>
    public static Type ResultOf(FunctionType type) => type.Results.Length == 1 ? Of(type.Results[0]) : typeof(void);

    /// <summary>The parameters of a compiled function: those of the type, then what it belongs to.</summary>
    public static Type[] ParametersOf(FunctionType type, Type last)
    {
        var parameters = new Type[type.Parameters.Length + 1];
        for (var place = 0; place < type.Parameters.Length; place++)
        {
            parameters[place] = Of(type.Parameters[place]);
        }

        parameters[^1] = last;
        return parameters;
    }

    /// <summary>Calls a code pointer that is on the stack above the arguments and the target.</summary>
    public static void CallPointer(ILGenerator il, FunctionType type) =>
        il.EmitCalli(OpCodes.Calli, CallingConventions.Standard, ResultOf(type), ParametersOf(type, typeof(object)), null);

    /// <summary>The letter of a type in the names of <see cref="StubOperations"/>.</summary>
    public static string NameOf(ValueType type) => type switch
    {
        ValueType.I32 => "I32",
        ValueType.I64 => "I64",
        ValueType.F32 => "F32",
        ValueType.F64 => "F64",
        ValueType.V128 => "V128",
        _ => "Reference",
    };
}
