namespace Gtc.Wasm.Tests;

/// <content>Blocks, loops, branches, and what changes locals, globals, memory and the table.</content>
internal sealed partial class RandomCode
{
    private void Inside(ValueType[] label, Action body)
    {
        _labels.Add(label);
        body();
        _labels.RemoveAt(_labels.Count - 1);
        code.Op(Opcode.End);
    }

    private void Block(ValueType type, int depth)
    {
        code.Op(Opcode.Block).Raw((byte)type);
        Inside([type], () =>
        {
            Statement(depth + 1);
            Value(type, depth + 1);
            if (module.Chance(30))
            {
                Value(ValueType.I32, depth + 1);
                code.Op(Opcode.BrIf, 0);
            }
        });
    }

    private void Choice(ValueType type, int depth)
    {
        Value(ValueType.I32, depth + 1);
        code.Op(Opcode.If).Raw((byte)type);
        Inside([type], () =>
        {
            Value(type, depth + 1);
            code.Op(Opcode.Else);
            Statement(depth + 1);
            Value(type, depth + 1);
            if (module.Chance(20))
            {
                code.Op(Opcode.Br, 0);
                Dead();
                Value(type, MostDepth);
            }
        });
    }

    private void Loop(ValueType type, int depth)
    {
        code.Op(Opcode.Loop).Raw((byte)type);
        Inside([], () =>
        {
            Burn();
            Statement(depth + 1);
            Value(ValueType.I32, depth + 1);
            code.I32(3).Op(Opcode.I32And).Op(Opcode.BrIf, 0);
            Value(type, depth + 1);
        });
    }

    private void Statement(int depth)
    {
        if (IsFull(depth))
        {
            code.Op(Opcode.Nop);
            return;
        }

        switch (module.Below(13))
        {
            case 0 or 1 or 2:
                var type = module.AnyType();
                Value(type, depth + 1);
                code.Op(Opcode.LocalSet, AnyLocal(type));
                break;
            case 3 when module.Globals.Count > 1:
                var global = 1 + module.Below(module.Globals.Count - 1);
                Value(module.Globals[global], depth + 1);
                code.Op(Opcode.GlobalSet, (uint)global);
                break;
            case 4 or 5 or 6:
                var store = AnyStore();
                Operands(store, depth);
                Write(store);
                break;
            case 7:
                Value(ValueType.I32, depth + 1);
                code.Op(Opcode.If).Raw(0x40);
                Inside([], () => Statement(depth + 1));
                break;
            case 8:
                Branch(depth);
                break;
            case 9:
                BranchTable(depth);
                break;
            case 10:
                Bulk(depth);
                break;
            case 11:
                Table(depth);
                break;
            default:
                Value(module.AnyType(), depth + 1);
                code.Op(Opcode.Drop);
                break;
        }
    }

    // Out of any open block, with what it takes; then code that only runs when the branch was not taken.
    private void Branch(int depth)
    {
        var label = module.Below(_labels.Count);
        var types = _labels[^(label + 1)];
        Values(types, depth + 1);
        Value(ValueType.I32, depth + 1);
        if (module.Chance(70))
        {
            code.Op(Opcode.BrIf, (uint)label);
        }
        else
        {
            code.Op(Opcode.If).Raw(0x40);
            Inside([], () =>
            {
                Values(types, depth + 1);
                _ = label == _labels.Count - 2 && module.Chance(50) ? code.Op(Opcode.Return) : code.Op(Opcode.Br, (uint)label + 1);
                Dead();
            });
        }

        foreach (var _ in types)
        {
            code.Op(Opcode.Drop);
        }
    }

    private void BranchTable(int depth)
    {
        for (var block = 0; block < 3; block++)
        {
            code.Op(Opcode.Block).Raw(0x40);
            _labels.Add([]);
        }

        Value(ValueType.I32, depth + 1);
        code.I32(7).Op(Opcode.I32And).Op(Opcode.BrTable, 4).U32(0).U32(2).U32(1).U32(0).U32((uint)module.Below(3));
        for (var block = 0; block < 3; block++)
        {
            code.Op(Opcode.End);
            _labels.RemoveAt(_labels.Count - 1);
            Statement(depth + 1);
        }
    }

    private void Bulk(int depth)
    {
        void Small(int most)
        {
            Value(ValueType.I32, depth + 2);
            code.I32(most).Op(Opcode.I32And);
        }

        Small(0xFFF);
        switch (module.Below(4))
        {
            case 0:
                Value(ValueType.I32, depth + 2);
                Small(0xFF);
                code.Op(Opcode.MemoryFill).Raw(0);
                break;
            case 1:
                Small(0xFFF);
                Small(0xFF);
                code.Op(Opcode.MemoryCopy).Raw(0, 0);
                break;
            case 2:
                Small(31);
                Small(31);
                code.Op(Opcode.MemoryInit, 1).Raw(0);
                break;
            default:
                code.Op(Opcode.Drop).Op(Opcode.DataDrop, (uint)module.Below(2));
                break;
        }
    }

    private void Table(int depth)
    {
        switch (module.Below(5))
        {
            case 0:
                code.I32(module.Below(7)).Op(Opcode.RefFunc, (uint)module.Below(2)).Op(Opcode.TableSet, 0);
                break;
            case 1:
                code.I32(module.Below(4)).I32(module.Below(4)).I32(module.Below(3)).Op(Opcode.TableCopy, 0, 0);
                break;
            case 2:
                code.I32(module.Below(5)).I32(module.Below(2)).I32(module.Below(2)).Op(Opcode.TableInit, 1, 0);
                break;
            case 3:
                code.I32(module.Below(6)).Op(Opcode.LocalGet, Scratch(ValueType.FuncRef)).I32(module.Below(2)).Op(Opcode.TableFill, 0);
                break;
            default:
                Value(ValueType.I32, depth + 1);
                code.I32(15).Op(Opcode.I32And).Op(Opcode.I32Eqz).Op(Opcode.If).Raw(0x40).Op(Opcode.ElemDrop, 1).Op(Opcode.End);
                break;
        }
    }

    // Never runs; its operands come from a stack that holds whatever is asked for.
    private void Dead()
    {
        for (var count = module.Below(3); count > 0; count--)
        {
            var shape = module.Pick(InstructionTable.All);
            if (shape.IsFixed && shape.Immediate == Immediate.None)
            {
                code.Op(shape.Opcode);
                _ = shape.Results.IsEmpty ? code : code.Op(Opcode.Drop);
            }
        }
    }
}
