using System.Collections.Immutable;
using System.Reflection.Emit;

namespace Gtc.Wasm;

/// <content>Calls.</content>
internal sealed partial class FunctionCompiler
{
    private bool TryCall(ref InstructionReader reader)
    {
        switch (reader.Opcode)
        {
            case Opcode.Call:
                Call((int)reader.Index, isTail: false);
                break;
            case Opcode.ReturnCall:
                Call((int)reader.Index, isTail: true);
                break;
            case Opcode.CallIndirect:
                CallIndirect((int)reader.Index, (int)reader.SecondIndex, isTail: false);
                break;
            case Opcode.ReturnCallIndirect:
                CallIndirect((int)reader.Index, (int)reader.SecondIndex, isTail: true);
                break;
            default:
                return false;
        }

        return true;
    }

    private void Call(int function, bool isTail)
    {
        var typeIndex = (int)_module.Functions[function];
        var type = _module.Types[typeIndex];
        Arguments(type, isTail);
        if (function >= _module.ImportedFunctions)
        {
            LoadInstance();
            TailPrefix(isTail);
            _compiler.Call(_il, function);
        }
        else
        {
            LoadInstance();
            _compiler.Tokens.Field(_il, OpCodes.Ldfld, Operations.InstanceFunctions);
            _il.Emit(OpCodes.Ldc_I4, function);
            _il.Emit(OpCodes.Ldelem_Ref);
            var callee = Callee;
            _il.Emit(OpCodes.Stloc, callee);
            CallThrough(callee, typeIndex, isTail);
        }

        Results(type.Results, isTail);
    }

    // The element is found and checked before the arguments go on the stack. Reading past the table's end and reading fields of null are the traps of the runtime.
    private void CallIndirect(int typeIndex, int table, bool isTail)
    {
        var type = _module.Types[typeIndex];
        _operands.Spill();
        LoadTable(table);
        _compiler.Tokens.Field(_il, OpCodes.Ldfld, Operations.TableElements);
        _operands.Load(1);
        _il.Emit(OpCodes.Conv_U);
        _il.Emit(OpCodes.Ldelem_Ref);
        var callee = Callee;
        _il.Emit(OpCodes.Stloc, callee);
        var key = SignatureStubs.KeyFor(type);
        var go = _il.DefineLabel();
        _il.Emit(OpCodes.Ldloc, callee);
        _compiler.Tokens.Field(_il, OpCodes.Ldfld, Operations.FunctionKey);
        _il.Emit(OpCodes.Ldc_I8, (long)key);
        _il.Emit(OpCodes.Beq, go);
        Trap(nameof(Traps.TypeMismatch));
        _il.MarkLabel(go);
        if (!SignatureStubs.IsExact(key))
        {
            _il.Emit(OpCodes.Ldloc, callee);
            _il.Emit(OpCodes.Ldc_I4, typeIndex);
            LoadInstance();
            _compiler.Tokens.Call(_il, Operations.Instance(nameof(InstanceOperations.CheckLongType)));
        }

        Arguments(type, isTail);
        CallThrough(callee, typeIndex, isTail);
        Results(type.Results, isTail);
    }

    private LocalBuilder? _callee;

    private LocalBuilder Callee => _callee ??= _il.DeclareLocal(typeof(WasmFunction));

    private void Arguments(FunctionType type, bool isTail)
    {
        _operands.Load(type.Parameters.Length);
        if (!isTail || !_operands.HasEvaluated)
        {
            return;
        }

        // Before a tail call the runtime's stack must hold the arguments only.
        var kept = type.Parameters.Select(parameter => _il.DeclareLocal(ClrTypes.Of(parameter))).ToArray();
        foreach (var local in kept.AsEnumerable().Reverse())
        {
            _il.Emit(OpCodes.Stloc, local);
        }

        _operands.DiscardEvaluated();
        foreach (var local in kept)
        {
            _il.Emit(OpCodes.Ldloc, local);
        }
    }

    private void CallThrough(LocalBuilder callee, int typeIndex, bool isTail)
    {
        _il.Emit(OpCodes.Ldloc, callee);
        _compiler.Tokens.Field(_il, OpCodes.Ldfld, Operations.FunctionTarget);
        _il.Emit(OpCodes.Ldloc, callee);
        _compiler.Tokens.Field(_il, OpCodes.Ldfld, Operations.FunctionCode);
        TailPrefix(isTail);
        _compiler.Tokens.CallPointer(_il, typeIndex);
    }

    private void TailPrefix(bool isTail)
    {
        if (isTail)
        {
            _il.Emit(OpCodes.Tailcall);
        }
    }

    private void Results(ImmutableArray<ValueType> types, bool isTail)
    {
        if (isTail)
        {
            // The types of the results are the caller's own, so several of them are where its caller looks for them.
            _il.Emit(OpCodes.Ret);
            Abandon();
            return;
        }

        if (types.Length == 1)
        {
            _operands.PushEvaluated(types[0]);
            return;
        }

        for (var place = 0; place < types.Length; place++)
        {
            LoadInstance();
            _compiler.Tokens.Field(_il, OpCodes.Ldfld, Operations.InstanceStore);
            _compiler.Tokens.Field(_il, OpCodes.Ldfld, Operations.StoreResults);
            _il.Emit(OpCodes.Ldc_I4, place);
            _compiler.Tokens.Call(_il, Operations.Stub("Take" + ClrTypes.NameOf(types[place])));
            _il.Emit(OpCodes.Stloc, _operands.Slot(_operands.Count, types[place]));
            _operands.PushSlot(types[place]);
        }
    }

    private void LoadTable(int table)
    {
        LoadInstance();
        if (table == 0)
        {
            _compiler.Tokens.Field(_il, OpCodes.Ldfld, Operations.InstanceTable0);
            return;
        }

        _compiler.Tokens.Field(_il, OpCodes.Ldfld, Operations.InstanceTables);
        _il.Emit(OpCodes.Ldc_I4, table);
        _il.Emit(OpCodes.Ldelem_Ref);
    }
}
