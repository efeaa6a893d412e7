using System.Reflection.Emit;

namespace Gtc.Wasm;

/// <content>
/// Loads and stores. An address and its offset are added in 64 bits, where they cannot wrap, and compared with the memory's length of that moment. Memories never
/// shrink, so what was in bounds stays there: an access that reaches no further from the same value of the same local is not checked again.
/// </content>
internal sealed partial class FunctionCompiler
{
    // How far from the value of a local bytes are known to exist.
    private readonly Dictionary<int, ulong> _reached = [];

    private bool TryMemory(ref InstructionReader reader)
    {
        var shape = reader.Shape;
        if (shape.Immediate is not (Immediate.Memory or Immediate.MemoryLane))
        {
            return false;
        }

        if (shape.Immediate == Immediate.MemoryLane)
        {
            Lane(shape, reader.MemoryOffset, reader.Lane);
        }
        else if (shape.Results.IsEmpty)
        {
            _operands.Spill();
            Check(1, reader.MemoryOffset, shape.Width);
            Address(1, reader.MemoryOffset);
            _operands.Load(1);
            Store(shape.Opcode);
            _operands.Drop();
        }
        else
        {
            _operands.Spill();
            Check(0, reader.MemoryOffset, shape.Width);
            Address(0, reader.MemoryOffset);
            _operands.Drop();
            Load(shape.Opcode);
            _operands.PushEvaluated(shape.Results[0]);
        }

        return true;
    }

    private void Lane(InstructionShape shape, uint offset, byte lane)
    {
        _operands.Spill();
        Check(1, offset, shape.Width);
        var lanes = shape.Width switch { 1 => "I8x16", 2 => "I16x8", 4 => "I32x4", _ => "I64x2" };
        var isStore = shape.Results.IsEmpty;
        if (isStore)
        {
            Address(1, offset);
        }

        _operands.Copy();
        if (!isStore)
        {
            Address(1, offset);
            _il.Emit(shape.Width switch { 1 => OpCodes.Ldind_U1, 2 => OpCodes.Ldind_U2, 4 => OpCodes.Ldind_I4, _ => OpCodes.Ldind_I8 });
        }

        _il.Emit(OpCodes.Ldc_I4, (int)lane);
        var verb = !isStore ? "ReplaceLane" : shape.Width <= 2 ? "ExtractLaneU" : "ExtractLane";
        _compiler.Tokens.Call(_il, Operations.Find(lanes + verb)!);
        if (isStore)
        {
            _il.Emit(shape.Width switch { 1 => OpCodes.Stind_I1, 2 => OpCodes.Stind_I2, 4 => OpCodes.Stind_I4, _ => OpCodes.Stind_I8 });
        }

        _operands.Forget(_operands.Count - 2);
        if (!isStore)
        {
            _operands.PushEvaluated(ValueType.V128);
        }
    }

    private void Check(int depth, uint offset, byte width)
    {
        var reach = (ulong)offset + width;
        var address = _operands.Peek(depth);
        if (address.Place == OperandPlace.Local)
        {
            if (_reached.TryGetValue((int)address.Number, out var known) && known >= reach)
            {
                return;
            }

            _reached[(int)address.Number] = reach;
        }

        var go = _il.DefineLabel();
        _operands.Copy(depth);
        _il.Emit(OpCodes.Conv_U8);
        _il.Emit(OpCodes.Ldc_I8, (long)reach);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Ldloc, _memory!);
        _compiler.Tokens.Field(_il, OpCodes.Ldfld, Operations.MemoryLength);
        _il.Emit(OpCodes.Ble_Un, go);
        Trap(nameof(Traps.MemoryOutOfBounds));
        _il.MarkLabel(go);
    }

    private void Address(int depth, uint offset)
    {
        _il.Emit(OpCodes.Ldloc, _start!);
        _operands.Copy(depth);
        _il.Emit(OpCodes.Conv_U8);
        _il.Emit(OpCodes.Add);
        if (offset != 0)
        {
            _il.Emit(OpCodes.Ldc_I8, (long)offset);
            _il.Emit(OpCodes.Add);
        }
    }

    private void Load(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.I32Load or Opcode.V128Load32Splat or Opcode.V128Load32Zero:
                _il.Emit(OpCodes.Ldind_I4);
                break;
            case Opcode.I32Load8S or Opcode.I64Load8S:
                _il.Emit(OpCodes.Ldind_I1);
                break;
            case Opcode.I32Load8U or Opcode.I64Load8U or Opcode.V128Load8Splat:
                _il.Emit(OpCodes.Ldind_U1);
                break;
            case Opcode.I32Load16S or Opcode.I64Load16S:
                _il.Emit(OpCodes.Ldind_I2);
                break;
            case Opcode.I32Load16U or Opcode.I64Load16U or Opcode.V128Load16Splat:
                _il.Emit(OpCodes.Ldind_U2);
                break;
            case Opcode.I64Load32S:
                _il.Emit(OpCodes.Ldind_I4);
                break;
            case Opcode.I64Load32U:
                _il.Emit(OpCodes.Ldind_U4);
                break;
            case Opcode.F32Load:
                _il.Emit(OpCodes.Ldind_R4);
                break;
            case Opcode.F64Load:
                _il.Emit(OpCodes.Ldind_R8);
                break;
            case Opcode.V128Load:
                _il.Emit(OpCodes.Unaligned, (byte)1);
                _compiler.Tokens.Type(_il, OpCodes.Ldobj, ClrTypes.Of(ValueType.V128));
                break;
            default:
                _il.Emit(OpCodes.Ldind_I8);
                break;
        }

        switch (opcode)
        {
            case Opcode.I64Load8S or Opcode.I64Load16S or Opcode.I64Load32S:
                _il.Emit(OpCodes.Conv_I8);
                break;
            case Opcode.I64Load8U or Opcode.I64Load16U or Opcode.I64Load32U:
                _il.Emit(OpCodes.Conv_U8);
                break;
            case Opcode.V128Load8Splat or Opcode.V128Load16Splat or Opcode.V128Load32Splat or Opcode.V128Load64Splat:
                var lanes = opcode switch { Opcode.V128Load8Splat => "I8x16", Opcode.V128Load16Splat => "I16x8", Opcode.V128Load32Splat => "I32x4", _ => "I64x2" };
                _compiler.Tokens.Call(_il, Operations.Find(lanes + "Splat")!);
                break;
            default:
                if (opcode != Opcode.V128Load && Operations.Of(opcode) is { } method)
                {
                    _compiler.Tokens.Call(_il, method);
                }

                break;
        }
    }

    private void Store(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.I32Store or Opcode.I64Store32:
                _il.Emit(OpCodes.Stind_I4);
                break;
            case Opcode.I64Store:
                _il.Emit(OpCodes.Stind_I8);
                break;
            case Opcode.F32Store:
                _il.Emit(OpCodes.Stind_R4);
                break;
            case Opcode.F64Store:
                _il.Emit(OpCodes.Stind_R8);
                break;
            case Opcode.I32Store8 or Opcode.I64Store8:
                _il.Emit(OpCodes.Stind_I1);
                break;
            case Opcode.I32Store16 or Opcode.I64Store16:
                _il.Emit(OpCodes.Stind_I2);
                break;
            default:
                _il.Emit(OpCodes.Unaligned, (byte)1);
                _compiler.Tokens.Type(_il, OpCodes.Stobj, ClrTypes.Of(ValueType.V128));
                break;
        }
    }
}
