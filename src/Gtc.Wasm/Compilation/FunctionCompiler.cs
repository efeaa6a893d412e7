using System.Reflection.Emit;

namespace Gtc.Wasm;

/// <summary>Compiles one function. This part: its frame and the walk over its instructions; see the other parts for the kinds of instructions.</summary>
internal sealed partial class FunctionCompiler
{
    private readonly ModuleCompiler _compiler;
    private readonly WasmModule _module;
    private readonly FunctionType _type;
    private readonly FunctionBody _body;
    private readonly FunctionSurvey _survey;
    private readonly ILGenerator _il;
    private readonly GuestLocals _locals;
    private readonly OperandStack _operands;
    private readonly List<CompiledBlock> _frames = [];
    private readonly int _instance;
    private LocalBuilder? _memory;
    private LocalBuilder? _start;
    private LocalBuilder? _store;
    private bool _reachable = true;
    private int _skipped;

    private FunctionCompiler(ModuleCompiler compiler, int own, FunctionSurvey survey, ILGenerator il)
    {
        _compiler = compiler;
        _module = compiler.Module;
        _type = _module.TypeOf(_module.ImportedFunctions + own);
        _body = _module.Code[own];
        _survey = survey;
        _il = il;
        _locals = new GuestLocals(_type, _body);
        _operands = new OperandStack(il, _locals, survey.MayBeLarge(_body));
        _instance = _type.Parameters.Length;
    }

    /// <summary>Compiles a function.</summary>
    /// <returns>How many locals the compiled function has, for values of the guest.</returns>
    public static int Compile(ModuleCompiler compiler, int own, FunctionSurvey survey, ILGenerator il)
    {
        var function = new FunctionCompiler(compiler, own, survey, il);
        function.Run();
        return function._operands.SlotCount + function._locals.UsedCount;
    }

    private void Run()
    {
        Enter();
        _frames.Add(new CompiledBlock { Kind = Opcode.Block, Type = new FunctionType([], _type.Results), Height = 0, Target = _il.DefineLabel() });
        var reader = _module.Read(_body);
        while (reader.Read())
        {
            if (_reachable)
            {
                Compile(ref reader);
            }
            else
            {
                Skip(ref reader);
            }
        }
    }

    private void Enter()
    {
        if (_survey.Loops || _survey.Calls)
        {
            _store = _il.DeclareLocal(typeof(WasmStore));
            LoadInstance();
            _compiler.Tokens.Field(_il, OpCodes.Ldfld, Operations.InstanceStore);
            _il.Emit(OpCodes.Stloc, _store);
        }

        if (_survey.Calls && !_survey.MayBeLarge(_body))
        {
            StackCheck.Emit(_il, _compiler.Tokens, _instance, 0);
        }

        if (_survey.TouchesMemory)
        {
            _memory = _il.DeclareLocal(typeof(WasmMemory));
            _start = _il.DeclareLocal(typeof(byte*));
            LoadInstance();
            _compiler.Tokens.Field(_il, OpCodes.Ldfld, Operations.InstanceMemory);
            _il.Emit(OpCodes.Stloc, _memory);
            _il.Emit(OpCodes.Ldloc, _memory);
            _compiler.Tokens.Field(_il, OpCodes.Ldfld, Operations.MemoryStart);
            _il.Emit(OpCodes.Stloc, _start);
        }
    }

    private void CheckInterrupted()
    {
        var go = _il.DefineLabel();
        _il.Emit(OpCodes.Ldloc, _store!);
        _il.Emit(OpCodes.Volatile);
        _compiler.Tokens.Field(_il, OpCodes.Ldfld, Operations.StoreInterrupted);
        _il.Emit(OpCodes.Brfalse, go);
        LoadInstance();
        Trap(nameof(Traps.Stopped));
        _il.MarkLabel(go);
    }

    private void LoadInstance() => GuestLocals.LoadArgument(_il, _instance);

    // What follows a thrower cannot be reached; saying so keeps registers of the way on free.
    private void Trap(string thrower)
    {
        _compiler.Tokens.Call(_il, Operations.Trap(thrower));
        _il.Emit(OpCodes.Ldnull);
        _il.Emit(OpCodes.Throw);
    }

    private void Skip(ref InstructionReader reader)
    {
        switch (reader.Opcode)
        {
            case Opcode.Block or Opcode.Loop or Opcode.If:
                _skipped++;
                break;
            case Opcode.End when _skipped > 0:
                _skipped--;
                break;
            case Opcode.End:
                End();
                break;
            case Opcode.Else when _skipped == 0:
                Else();
                break;
        }
    }

    private void Compile(ref InstructionReader reader)
    {
        switch (reader.Opcode)
        {
            case Opcode.Nop:
                break;
            case Opcode.LocalGet:
                _operands.PushLocal(_locals.TypeOf((int)reader.Index), (int)reader.Index);
                break;
            case Opcode.LocalSet:
                SetLocal((int)reader.Index);
                break;
            case Opcode.LocalTee:
                SetLocal((int)reader.Index);
                _operands.PushLocal(_locals.TypeOf((int)reader.Index), (int)reader.Index);
                break;
            case Opcode.I32Const or Opcode.I64Const or Opcode.F32Const or Opcode.F64Const:
                _operands.PushConstant(reader.Shape.Results[0], reader.Constant);
                break;
            case Opcode.Drop:
                _operands.Drop();
                break;
            case Opcode.Select or Opcode.SelectTyped:
                Select();
                break;
            default:
                if (!TryControl(ref reader) && !TryMemory(ref reader) && !TryReference(ref reader))
                {
                    Calculate(ref reader);
                }

                break;
        }
    }

    private void SetLocal(int local)
    {
        _operands.SettleLocal(local, 1);
        _operands.Load(1);
        _locals.Store(_il, local);
        _reached.Remove(local);
    }

    // Both values are there already; one is put over the other where the condition is zero, which the JIT can do without a jump.
    private void Select()
    {
        var type = _operands.Peek(1).Type;
        _operands.Settle();
        _operands.Materialise(3);
        var height = _operands.Count - 3;
        var keep = _il.DefineLabel();
        _operands.Copy();
        _il.Emit(OpCodes.Brtrue, keep);
        _operands.Copy(1);
        _il.Emit(OpCodes.Stloc, _operands.Slot(height, type));
        _il.MarkLabel(keep);
        _operands.Forget(height);
        _operands.PushSlot(type);
    }
}
