using System.Reflection;
using System.Reflection.Emit;

namespace Gtc.Wasm;

/// <content>Globals, tables, references, and what works on whole memories and tables.</content>
internal sealed partial class FunctionCompiler
{
    private bool TryReference(ref InstructionReader reader)
    {
        switch (reader.Opcode)
        {
            case Opcode.GlobalGet:
                GetGlobal((int)reader.Index);
                break;
            case Opcode.GlobalSet:
                SetGlobal((int)reader.Index);
                break;
            case Opcode.RefNull:
                _operands.PushConstant(reader.Type, 0);
                break;
            case Opcode.RefIsNull:
                _operands.Load(1);
                _il.Emit(OpCodes.Ldnull);
                _il.Emit(OpCodes.Ceq);
                _operands.PushEvaluated(ValueType.I32);
                break;
            case Opcode.RefFunc:
                OnInstance(nameof(InstanceOperations.RefFunc), 0, ValueType.FuncRef, reader.Index);
                break;
            case Opcode.TableGet:
                OnInstance(nameof(InstanceOperations.TableGet), 1, _module.Tables[(int)reader.Index].Element, reader.Index);
                break;
            case Opcode.TableSet:
                OnInstance(nameof(InstanceOperations.TableSet), 2, null, reader.Index);
                break;
            case Opcode.TableSize:
                OnInstance(nameof(InstanceOperations.TableSize), 0, ValueType.I32, reader.Index);
                break;
            case Opcode.TableGrow:
                OnInstance(nameof(InstanceOperations.TableGrow), 2, ValueType.I32, reader.Index);
                break;
            case Opcode.TableFill:
                OnInstance(nameof(InstanceOperations.TableFill), 3, null, reader.Index);
                break;
            case Opcode.TableCopy or Opcode.TableInit:
                OnInstance(reader.Shape.Opcode.ToString(), 3, null, reader.Index, reader.SecondIndex);
                break;
            case Opcode.MemorySize:
                OnInstance(nameof(InstanceOperations.MemorySize), 0, ValueType.I32);
                break;
            case Opcode.MemoryGrow:
                OnInstance(nameof(InstanceOperations.MemoryGrow), 1, ValueType.I32);
                break;
            case Opcode.MemoryCopy or Opcode.MemoryFill:
                OnInstance(reader.Shape.Opcode.ToString(), 3, null);
                break;
            case Opcode.MemoryInit:
                OnInstance(nameof(InstanceOperations.MemoryInit), 3, null, reader.Index);
                break;
            case Opcode.DataDrop or Opcode.ElemDrop:
                OnInstance(reader.Shape.Opcode.ToString(), 0, null, reader.Index);
                break;
            default:
                return false;
        }

        return true;
    }

    private void OnInstance(string operation, int operands, ValueType? result, params ReadOnlySpan<uint> indices)
    {
        _operands.Load(operands);
        foreach (var index in indices)
        {
            _il.Emit(OpCodes.Ldc_I4, (int)index);
        }

        LoadInstance();
        _compiler.Tokens.Call(_il, Operations.Instance(operation));
        if (result is { } type)
        {
            _operands.PushEvaluated(type);
        }
    }

    private void GetGlobal(int global)
    {
        var type = _module.Globals[global].Type;
        var (field, numbers) = GlobalField(type);
        LoadGlobal(global);
        _compiler.Tokens.Field(_il, numbers ? OpCodes.Ldflda : OpCodes.Ldfld, field);
        if (numbers)
        {
            _compiler.Tokens.Type(_il, OpCodes.Ldobj, ClrTypes.Of(type));
        }

        _operands.PushEvaluated(type);
    }

    private void SetGlobal(int global)
    {
        var type = _module.Globals[global].Type;
        var (field, numbers) = GlobalField(type);
        _operands.Spill();
        LoadGlobal(global);
        if (numbers)
        {
            _compiler.Tokens.Field(_il, OpCodes.Ldflda, field);
        }

        _operands.Load(1);
        if (numbers)
        {
            _compiler.Tokens.Type(_il, OpCodes.Stobj, ClrTypes.Of(type));
        }
        else
        {
            _compiler.Tokens.Field(_il, OpCodes.Stfld, field);
        }
    }

    private static (FieldInfo Field, bool Numbers) GlobalField(ValueType type) =>
        type.IsReference() ? (Operations.GlobalReference, false) : (Operations.GlobalBits, true);

    private void LoadGlobal(int global)
    {
        LoadInstance();
        if (global == 0)
        {
            _compiler.Tokens.Field(_il, OpCodes.Ldfld, Operations.InstanceGlobal0);
            return;
        }

        _compiler.Tokens.Field(_il, OpCodes.Ldfld, Operations.InstanceGlobals);
        _il.Emit(OpCodes.Ldc_I4, global);
        _il.Emit(OpCodes.Ldelem_Ref);
    }
}
