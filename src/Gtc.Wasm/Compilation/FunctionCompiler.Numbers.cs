using System.Reflection.Emit;
using System.Runtime.Intrinsics;

namespace Gtc.Wasm;

/// <content>Instructions that compute a result from operands alone.</content>
internal sealed partial class FunctionCompiler
{
    private void Calculate(ref InstructionReader reader)
    {
        var shape = reader.Shape;
        switch (reader.Opcode)
        {
            case Opcode.V128Const:
                LoadVector(reader.Vector);
                _compiler.Tokens.Call(_il, Operations.Find(nameof(VectorOperations.Make))!);
                break;
            case Opcode.I8x16Shuffle:
                Shuffle(reader.Vector);
                break;
            default:
                if (Commutes(reader.Opcode))
                {
                    _operands.LoadPair();
                }
                else
                {
                    _operands.Load(shape.Operands.Length);
                }

                if (!TryInstruction(reader.Opcode))
                {
                    if (shape.Immediate == Immediate.Lane)
                    {
                        _il.Emit(OpCodes.Ldc_I4, (int)reader.Lane);
                    }

                    _compiler.Tokens.Call(_il, Operations.Of(reader.Opcode)!);
                }

                break;
        }

        _operands.PushEvaluated(shape.Results[0]);
    }

    private static bool Commutes(Opcode opcode) => opcode is
        Opcode.I32Add or Opcode.I32Mul or Opcode.I32And or Opcode.I32Or or Opcode.I32Xor or Opcode.I32Eq or Opcode.I32Ne
        or Opcode.I64Add or Opcode.I64Mul or Opcode.I64And or Opcode.I64Or or Opcode.I64Xor or Opcode.I64Eq or Opcode.I64Ne;

    private void LoadVector(Vector128<byte> vector)
    {
        _il.Emit(OpCodes.Ldc_I8, vector.AsInt64().GetElement(0));
        _il.Emit(OpCodes.Ldc_I8, vector.AsInt64().GetElement(1));
    }

    // Each source is shuffled by itself, with lanes of the other one out of range, where a shuffle gives zero.
    private void Shuffle(Vector128<byte> lanes)
    {
        _operands.Load(2);
        var fromSecond = Vector128.GreaterThan(lanes, Vector128.Create((byte)15));
        LoadVector(lanes | fromSecond);
        LoadVector((lanes - Vector128.Create((byte)16)) | ~fromSecond);
        _compiler.Tokens.Call(_il, Operations.Of(Opcode.I8x16Shuffle)!);
    }

    // The instructions that mean the same in CIL. Division traps by the exceptions of the runtime.
    private bool TryInstruction(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.I32Add or Opcode.I64Add or Opcode.F32Add or Opcode.F64Add:
                _il.Emit(OpCodes.Add);
                break;
            case Opcode.I32Sub or Opcode.I64Sub or Opcode.F32Sub or Opcode.F64Sub:
                _il.Emit(OpCodes.Sub);
                break;
            case Opcode.I32Mul or Opcode.I64Mul or Opcode.F32Mul or Opcode.F64Mul:
                _il.Emit(OpCodes.Mul);
                break;
            case Opcode.I32DivS or Opcode.I64DivS or Opcode.F32Div or Opcode.F64Div:
                _il.Emit(OpCodes.Div);
                break;
            case Opcode.I32DivU or Opcode.I64DivU:
                _il.Emit(OpCodes.Div_Un);
                break;
            case Opcode.I32RemU or Opcode.I64RemU:
                _il.Emit(OpCodes.Rem_Un);
                break;
            case Opcode.I32And or Opcode.I64And:
                _il.Emit(OpCodes.And);
                break;
            case Opcode.I32Or or Opcode.I64Or:
                _il.Emit(OpCodes.Or);
                break;
            case Opcode.I32Xor or Opcode.I64Xor:
                _il.Emit(OpCodes.Xor);
                break;
            case Opcode.F32Neg or Opcode.F64Neg:
                _il.Emit(OpCodes.Neg);
                break;
            case Opcode.I32Eqz:
                Not();
                break;
            case Opcode.I64Eqz:
                _il.Emit(OpCodes.Ldc_I4_0);
                _il.Emit(OpCodes.Conv_I8);
                _il.Emit(OpCodes.Ceq);
                break;
            default:
                return TryCompare(opcode) || TryShift(opcode) || TryConvert(opcode);
        }

        return true;
    }

    // "Less or equal" is "not greater"; for floating point the unordered form is the one to negate.
    private bool TryCompare(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.I32Eq or Opcode.I64Eq or Opcode.F32Eq or Opcode.F64Eq:
                _il.Emit(OpCodes.Ceq);
                return true;
            case Opcode.I32Ne or Opcode.I64Ne or Opcode.F32Ne or Opcode.F64Ne:
                _il.Emit(OpCodes.Ceq);
                Not();
                return true;
            case Opcode.I32LtS or Opcode.I64LtS or Opcode.F32Lt or Opcode.F64Lt:
                _il.Emit(OpCodes.Clt);
                return true;
            case Opcode.I32LtU or Opcode.I64LtU:
                _il.Emit(OpCodes.Clt_Un);
                return true;
            case Opcode.I32GtS or Opcode.I64GtS or Opcode.F32Gt or Opcode.F64Gt:
                _il.Emit(OpCodes.Cgt);
                return true;
            case Opcode.I32GtU or Opcode.I64GtU:
                _il.Emit(OpCodes.Cgt_Un);
                return true;
            case Opcode.I32LeS or Opcode.I64LeS:
                _il.Emit(OpCodes.Cgt);
                Not();
                return true;
            case Opcode.I32LeU or Opcode.I64LeU or Opcode.F32Le or Opcode.F64Le:
                _il.Emit(OpCodes.Cgt_Un);
                Not();
                return true;
            case Opcode.I32GeS or Opcode.I64GeS:
                _il.Emit(OpCodes.Clt);
                Not();
                return true;
            case Opcode.I32GeU or Opcode.I64GeU or Opcode.F32Ge or Opcode.F64Ge:
                _il.Emit(OpCodes.Clt_Un);
                Not();
                return true;
            default:
                return false;
        }
    }

    private bool TryShift(Opcode opcode)
    {
        OpCode shift;
        switch (opcode)
        {
            case Opcode.I32Shl or Opcode.I64Shl:
                shift = OpCodes.Shl;
                break;
            case Opcode.I32ShrS or Opcode.I64ShrS:
                shift = OpCodes.Shr;
                break;
            case Opcode.I32ShrU or Opcode.I64ShrU:
                shift = OpCodes.Shr_Un;
                break;
            default:
                return false;
        }

        var isLong = opcode is Opcode.I64Shl or Opcode.I64ShrS or Opcode.I64ShrU;
        if (isLong)
        {
            _il.Emit(OpCodes.Conv_I4);
        }

        _il.Emit(OpCodes.Ldc_I4_S, isLong ? (sbyte)63 : (sbyte)31);
        _il.Emit(OpCodes.And);
        _il.Emit(shift);
        return true;
    }

    private bool TryConvert(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.I32WrapI64:
                _il.Emit(OpCodes.Conv_I4);
                return true;
            case Opcode.I64ExtendI32S:
                _il.Emit(OpCodes.Conv_I8);
                return true;
            case Opcode.I64ExtendI32U:
                _il.Emit(OpCodes.Conv_U8);
                return true;
            case Opcode.I32Extend8S:
                _il.Emit(OpCodes.Conv_I1);
                return true;
            case Opcode.I32Extend16S:
                _il.Emit(OpCodes.Conv_I2);
                return true;
            case Opcode.I64Extend8S:
                _il.Emit(OpCodes.Conv_I1);
                _il.Emit(OpCodes.Conv_I8);
                return true;
            case Opcode.I64Extend16S:
                _il.Emit(OpCodes.Conv_I2);
                _il.Emit(OpCodes.Conv_I8);
                return true;
            case Opcode.I64Extend32S:
                _il.Emit(OpCodes.Conv_I4);
                _il.Emit(OpCodes.Conv_I8);
                return true;
            case Opcode.F32DemoteF64:
                _il.Emit(OpCodes.Conv_R4);
                return true;
            case Opcode.F64PromoteF32 or Opcode.F64ConvertI32S or Opcode.F64ConvertI64S:
                _il.Emit(OpCodes.Conv_R8);
                return true;
            default:
                return false;
        }
    }

    private void Not()
    {
        _il.Emit(OpCodes.Ldc_I4_0);
        _il.Emit(OpCodes.Ceq);
    }
}
