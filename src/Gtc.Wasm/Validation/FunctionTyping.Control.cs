using System.Collections.Immutable;

namespace Gtc.Wasm;

/// <content>Blocks, branches and calls.</content>
internal sealed partial class FunctionTyping
{
    private void ApplyVarying(in InstructionReader instruction)
    {
        switch (instruction.Opcode)
        {
            case Opcode.Nop:
                break;
            case Opcode.Unreachable:
                GoNowhere();
                break;
            case Opcode.Block or Opcode.Loop or Opcode.If:
                OpenBlock(in instruction);
                break;
            case Opcode.Else:
                ApplyElse();
                break;
            case Opcode.End:
                ApplyEnd();
                break;
            case Opcode.Br:
                Pop(Label(instruction.Index));
                GoNowhere();
                break;
            case Opcode.BrIf:
                Pop(ValueType.I32);
                var label = Label(instruction.Index);
                Pop(label);
                Push(label);
                break;
            case Opcode.BrTable:
                ApplyBranchTable(in instruction);
                break;
            case Opcode.Return:
                Pop(_frames[0].Type.Results);
                GoNowhere();
                break;
            case Opcode.Call or Opcode.ReturnCall:
                ApplyCall(FunctionAt(instruction.Index), instruction.Opcode == Opcode.ReturnCall);
                break;
            case Opcode.CallIndirect or Opcode.ReturnCallIndirect:
                ApplyIndirectCall(in instruction);
                break;
            default:
                ApplyVariable(in instruction);
                break;
        }
    }

    private void OpenBlock(in InstructionReader instruction)
    {
        if (instruction.Opcode == Opcode.If)
        {
            Pop(ValueType.I32);
        }

        var block = instruction.Block;
        if (block.TypeIndex >= _module.Types.Length)
        {
            throw Broken($"unknown type {block.TypeIndex}");
        }

        var type = block.In(_module);
        Pop(type.Parameters);
        PushFrame(instruction.Opcode, type);
    }

    private void ApplyElse()
    {
        if (_frames[_frameCount - 1].Opcode != Opcode.If)
        {
            throw WasmFaultException.Malformed(_at, "END opcode expected, found else without if");
        }

        PushFrame(Opcode.Else, PopFrame().Type);
    }

    private void ApplyEnd()
    {
        var frame = PopFrame();
        if (frame.Opcode == Opcode.If && !frame.Type.Parameters.AsSpan().SequenceEqual(frame.Type.Results.AsSpan()))
        {
            throw Broken($"type mismatch: an if without else of type {frame.Type}");
        }

        Push(frame.Type.Results);
    }

    private ImmutableArray<ValueType> Label(uint label) =>
        label < (uint)_frameCount ? Target(label).LabelTypes : throw Broken($"unknown label {label}");

    private void ApplyBranchTable(in InstructionReader instruction)
    {
        Pop(ValueType.I32);
        if (instruction.Targets.Count - 1 > _limits.BranchTargets)
        {
            throw WasmFaultException.TooLarge(_at, $"a br_table of {instruction.Targets.Count - 1} labels; at most {_limits.BranchTargets} are allowed");
        }

        // The reader's index is that of the label read last, the default one.
        var arity = Label(instruction.Index).Length;
        Span<ValueType> kept = arity <= 64 ? stackalloc ValueType[arity] : new ValueType[arity];
        foreach (var target in instruction.Targets)
        {
            var types = Label(target);
            if (types.Length != arity)
            {
                throw Broken($"type mismatch: br_table has labels of {arity} and of {types.Length} operands");
            }

            // What is popped goes back as it was: an operand of any type stays one for the next label.
            for (var place = arity - 1; place >= 0; place--)
            {
                kept[place] = Pop(types[place]);
            }

            foreach (var type in kept)
            {
                Push(type);
            }
        }

        GoNowhere();
    }

    private FunctionType FunctionAt(uint function) =>
        function < (uint)_module.Functions.Length ? _module.TypeOf((int)function) : throw Broken($"unknown function {function}");

    private void ApplyCall(FunctionType callee, bool isTail)
    {
        Pop(callee.Parameters);
        if (!isTail)
        {
            Push(callee.Results);
            return;
        }

        if (!callee.Results.AsSpan().SequenceEqual(_frames[0].Type.Results.AsSpan()))
        {
            throw Broken($"type mismatch: {_shape.Name} of a function {callee} from one that gives {_frames[0].Type}");
        }

        GoNowhere();
    }

    private void ApplyIndirectCall(in InstructionReader instruction)
    {
        if (TableAt(instruction.SecondIndex) != ValueType.FuncRef)
        {
            throw Broken($"type mismatch: {_shape.Name} through a table of externref");
        }

        if (instruction.Index >= (uint)_module.Types.Length)
        {
            throw Broken($"unknown type {instruction.Index}");
        }

        Pop(ValueType.I32);
        ApplyCall(_module.Types[(int)instruction.Index], instruction.Opcode == Opcode.ReturnCallIndirect);
    }
}
