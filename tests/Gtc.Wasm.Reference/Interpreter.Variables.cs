namespace Gtc.Wasm.Reference;

/// <content>Locals, globals, constants, references and tables.</content>
internal sealed partial class Interpreter
{
    private void ExecuteVariable(Step step)
    {
        switch (step.Shape.Opcode)
        {
            case Opcode.Drop:
                Pop();
                break;
            case Opcode.Select or Opcode.SelectTyped:
                var condition = Pop<int>();
                var second = Pop();
                var first = Pop();
                Push(condition != 0 ? first : second);
                break;
            case Opcode.LocalGet:
                Push(_locals[step.Index]);
                break;
            case Opcode.LocalSet:
                _locals[step.Index] = Pop();
                break;
            case Opcode.LocalTee:
                _locals[step.Index] = _stack[^1];
                break;
            case Opcode.GlobalGet:
                Push(_instance.Globals[(int)step.Index].Current);
                break;
            case Opcode.GlobalSet:
                _instance.Globals[(int)step.Index].Current = Pop();
                break;
            case Opcode.I32Const:
                Push(Value.Of((int)step.Constant));
                break;
            case Opcode.I64Const or Opcode.F32Const or Opcode.F64Const:
                Push(Value.Of(step.Constant));
                break;
            case Opcode.V128Const:
                Push(Value.Of(step.Vector));
                break;
            case Opcode.RefNull:
                Push(Value.To(null));
                break;
            case Opcode.RefIsNull:
                Push(Value.Flag(Pop().Reference is null));
                break;
            case Opcode.RefFunc:
                Push(Value.To(_instance.Functions[(int)step.Index]));
                break;
            default:
                ExecuteTable(step);
                break;
        }
    }

    private void ExecuteTable(Step step)
    {
        switch (step.Shape.Opcode)
        {
            case Opcode.TableGet:
                var from = Table(step.Index);
                Push(Value.To(from[Place(from, Pop<uint>())]));
                break;
            case Opcode.TableSet:
                var element = Pop().Reference;
                var to = Table(step.Index);
                to[Place(to, Pop<uint>())] = element;
                break;
            case Opcode.TableSize:
                Push(Value.Of(Table(step.Index).Count));
                break;
            case Opcode.TableGrow:
                var more = Pop<uint>();
                Push(Value.Of(_instance.Tables[(int)step.Index].Grow(more, Pop().Reference, _counter.MostElements)));
                break;
            case Opcode.TableFill:
                var length = Pop<uint>();
                var fill = Pop().Reference;
                var start = Pop<uint>();
                CheckTable(start, length, Table(step.Index).Count);
                for (var place = 0; place < length; place++)
                {
                    Table(step.Index)[(int)start + place] = fill;
                }

                break;
            case Opcode.TableInit:
                CopyElements(_instance.Elements[step.Index], Table(step.SecondIndex));
                break;
            case Opcode.TableCopy:
                CopyElements([.. Table(step.SecondIndex)], Table(step.Index));
                break;
            case Opcode.ElemDrop:
                _instance.Elements[step.Index] = [];
                break;
            default:
                ExecuteMemoryOrNumber(step);
                break;
        }
    }

    private List<object?> Table(uint index) => _instance.Tables[(int)index].Elements;

    private static int Place(List<object?> table, uint place) =>
        place < (uint)table.Count ? (int)place : throw new TrapException("out of bounds table access");

    private void CopyElements(object?[] from, List<object?> to)
    {
        var length = Pop<uint>();
        var source = Pop<uint>();
        var target = Pop<uint>();
        ReferenceInstance.CopyElements(from, source, to, target, length);
    }

    private static void CheckTable(ulong start, ulong length, int size)
    {
        if (start + length > (ulong)size)
        {
            throw new TrapException("out of bounds table access");
        }
    }
}
