using System.Reflection.Emit;

namespace Gtc.Wasm;

/// <summary>Writes constants into code.</summary>
internal static class Constants
{
    private const int SingleExponent = 0x7F80_0000;

    public static void Emit(ILGenerator il, ValueType type, long bits)
    {
        switch (type)
        {
            case ValueType.I32:
                il.Emit(OpCodes.Ldc_I4, (int)bits);
                break;
            case ValueType.I64:
                il.Emit(OpCodes.Ldc_I8, bits);
                break;
            case ValueType.F32 when ((int)bits & SingleExponent) == SingleExponent:
                // The runtime keeps constants of single precision as doubles, which would change the bits of what is not a number.
                il.Emit(OpCodes.Ldc_I4, (int)bits);
                il.Emit(OpCodes.Call, Operations.Stub(nameof(StubOperations.SpecialF32)));
                break;
            case ValueType.F32:
                il.Emit(OpCodes.Ldc_R4, BitConverter.Int32BitsToSingle((int)bits));
                break;
            case ValueType.F64:
                il.Emit(OpCodes.Ldc_R8, BitConverter.Int64BitsToDouble(bits));
                break;
            default:
                il.Emit(OpCodes.Ldnull);
                break;
        }
    }
}
