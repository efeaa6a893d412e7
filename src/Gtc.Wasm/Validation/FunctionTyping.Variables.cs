using System.Runtime.Intrinsics;

namespace Gtc.Wasm;

/// <content>Parametric instructions, locals, globals, tables, references, and the immediates of the instructions with one signature.</content>
internal sealed partial class FunctionTyping
{
    private void ApplyVariable(in InstructionReader instruction)
    {
        switch (instruction.Opcode)
        {
            case Opcode.LocalGet:
                Push(Local(instruction.Index));
                break;
            case Opcode.LocalSet:
                Pop(Local(instruction.Index));
                break;
            case Opcode.LocalTee:
                Pop(Local(instruction.Index));
                Push(Local(instruction.Index));
                break;
            case Opcode.GlobalGet:
                Push(Global(instruction.Index).Type);
                break;
            case Opcode.GlobalSet:
                var global = Global(instruction.Index);
                Pop(global.IsMutable ? global.Type : throw Broken($"global is immutable: {instruction.Index}"));
                break;
            case Opcode.Drop:
                Pop();
                break;
            case Opcode.Select:
                ApplySelect();
                break;
            case Opcode.SelectTyped:
                Pop(ValueType.I32);
                var type = instruction.TypeCount == 1 ? instruction.Type : throw Broken("invalid result arity: select states one type");
                Pop(type);
                Pop(type);
                Push(type);
                break;
            default:
                ApplyReference(in instruction);
                break;
        }
    }

    private void ApplySelect()
    {
        Pop(ValueType.I32);
        var first = Pop();
        var second = Pop();
        if (first.IsReference() || second.IsReference())
        {
            throw Broken("type mismatch: select without a type takes numbers and vectors only");
        }

        if (first != second && first != ValueType.Unknown && second != ValueType.Unknown)
        {
            throw Broken($"type mismatch: select between {second.Name()} and {first.Name()}");
        }

        Push(first == ValueType.Unknown ? second : first);
    }

    private void ApplyReference(in InstructionReader instruction)
    {
        switch (instruction.Opcode)
        {
            case Opcode.RefNull:
                Push(instruction.Type);
                break;
            case Opcode.RefIsNull:
                var found = Pop();
                if (!found.IsReference() && found != ValueType.Unknown)
                {
                    throw Broken($"type mismatch: ref.is_null expects a reference, found {found.Name()}");
                }

                Push(ValueType.I32);
                break;
            case Opcode.RefFunc:
                FunctionAt(instruction.Index);
                if (!_isExpression && !_module.DeclaredFunctions.Contains(instruction.Index))
                {
                    throw Broken($"undeclared function reference: function {instruction.Index} stands in no export, segment or global");
                }

                Push(ValueType.FuncRef);
                break;
            default:
                ApplyTable(in instruction);
                break;
        }
    }

    private void ApplyTable(in InstructionReader instruction)
    {
        switch (instruction.Opcode)
        {
            case Opcode.TableGet:
                Pop(ValueType.I32);
                Push(TableAt(instruction.Index));
                break;
            case Opcode.TableSet:
                Pop(TableAt(instruction.Index));
                Pop(ValueType.I32);
                break;
            case Opcode.TableSize:
                TableAt(instruction.Index);
                Push(ValueType.I32);
                break;
            case Opcode.TableGrow:
                Pop(ValueType.I32);
                Pop(TableAt(instruction.Index));
                Push(ValueType.I32);
                break;
            case Opcode.TableFill:
                Pop(ValueType.I32);
                Pop(TableAt(instruction.Index));
                Pop(ValueType.I32);
                break;
            case Opcode.ElemDrop:
                SegmentAt(instruction.Index);
                break;
            case Opcode.TableInit:
                ApplyBulk(SegmentAt(instruction.Index), TableAt(instruction.SecondIndex));
                break;
            default:
                ApplyBulk(TableAt(instruction.SecondIndex), TableAt(instruction.Index));
                break;
        }
    }

    private void ApplyBulk(ValueType from, ValueType to)
    {
        if (from != to)
        {
            throw Broken($"type mismatch: {_shape.Name} from {from.Name()} to {to.Name()}");
        }

        Pop(ValueType.I32);
        Pop(ValueType.I32);
        Pop(ValueType.I32);
    }

    private ValueType Local(uint local) => local < (uint)_localCount ? _locals[local] : throw Broken($"unknown local {local}");

    private GlobalType Global(uint global) =>
        global < (uint)_module.Globals.Length ? _module.Globals[(int)global] : throw Broken($"unknown global {global}");

    private ValueType TableAt(uint table) =>
        table < (uint)_module.Tables.Length ? _module.Tables[(int)table].Element : throw Broken($"unknown table {table}");

    private ValueType SegmentAt(uint segment) =>
        segment < (uint)_module.Elements.Length ? _module.Elements[(int)segment].Type : throw Broken($"unknown elem segment {segment}");

    private void CheckImmediates(in InstructionReader instruction)
    {
        switch (_shape.Immediate)
        {
            case Immediate.Memory or Immediate.MemoryLane:
                NeedMemory();
                if (1UL << (int)instruction.Alignment > _shape.Width)
                {
                    throw Broken($"alignment must not be larger than natural: 2^{instruction.Alignment} for {_shape.Width} bytes");
                }

                CheckLane(_shape.Immediate == Immediate.MemoryLane ? instruction.Lane : (byte)0);
                break;
            case Immediate.MemoryIndex or Immediate.MemoryPair:
                NeedMemory();
                break;
            case Immediate.IndexThenMemory:
                NeedMemory();
                NeedData(instruction.Index);
                break;
            case Immediate.Index:
                NeedData(instruction.Index);
                break;
            case Immediate.Lane:
                CheckLane(instruction.Lane);
                break;
            case Immediate.Shuffle:
                if (Vector128.GreaterThanAny(instruction.Vector, Vector128.Create((byte)31)))
                {
                    throw Broken($"invalid lane index in {instruction.Vector}: two vectors have lanes 0 to 31");
                }

                break;
            default:
                break;
        }
    }

    private void CheckLane(byte lane)
    {
        if (lane * _shape.Width >= 16)
        {
            throw Broken($"invalid lane index {lane}");
        }
    }

    private void NeedMemory()
    {
        if (_module.Memories.IsEmpty)
        {
            throw Broken("unknown memory 0");
        }
    }

    private void NeedData(uint segment)
    {
        var count = _module.DataCount
            ?? throw WasmFaultException.Malformed(_at, $"data count section required by {_shape.Name}");
        if (segment >= count)
        {
            throw Broken($"unknown data segment {segment}");
        }
    }
}
