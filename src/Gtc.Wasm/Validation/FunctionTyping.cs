using System.Collections.Immutable;

namespace Gtc.Wasm;

/// <summary>
/// The stack of types that one function keeps, instruction by instruction (core specification 2.0, appendix "Validation Algorithm").
/// The validator drives it to check code; the compiler drives the same walk to know the types it compiles for: before <see cref="Apply"/> the stack shows
/// what an instruction takes, after it what the instruction leaves. One walker serves many functions, one after the other.
/// </summary>
internal sealed partial class FunctionTyping
{
    private readonly WasmModule _module;
    private readonly WasmLimits _limits;
    private ValueType[] _operands = new ValueType[64];
    private ControlFrame[] _frames = new ControlFrame[16];
    private ValueType[] _locals = [];
    private int _localCount;
    private int _operandCount;
    private int _frameCount;
    private InstructionShape _shape = InstructionTable.Of(Opcode.Nop);
    private int _at;
    private bool _isExpression;

    public FunctionTyping(WasmModule module, WasmLimits limits)
    {
        _module = module;
        _limits = limits;
    }

    /// <summary>The types on the stack, the deepest first.</summary>
    public ReadOnlySpan<ValueType> Operands => _operands.AsSpan(0, _operandCount);

    /// <summary>The open blocks, the function itself first; empty when the function has ended.</summary>
    public ReadOnlySpan<ControlFrame> Frames => _frames.AsSpan(0, _frameCount);

    /// <summary>The types of the locals, parameters first.</summary>
    public ReadOnlySpan<ValueType> Locals => _locals.AsSpan(0, _localCount);

    /// <summary>True where control never arrives.</summary>
    public bool IsUnreachable => _frameCount > 0 && _frames[_frameCount - 1].IsUnreachable;

    /// <summary>The most operands there were since the function was entered.</summary>
    public int MostOperands { get; private set; }

    /// <summary>The block that a label names; the label must exist.</summary>
    public ref readonly ControlFrame Target(uint label) => ref _frames[_frameCount - 1 - (int)label];

    /// <summary>The type of an operand counted from the top (0); <see cref="ValueType.Unknown"/> where code cannot be reached.</summary>
    public ValueType Peek(int fromTop) =>
        fromTop < _operandCount - _frames[_frameCount - 1].Height ? _operands[_operandCount - 1 - fromTop] : ValueType.Unknown;

    /// <summary>Starts a function that the module defines.</summary>
    /// <param name="function">An index into <see cref="WasmModule.Functions"/>.</param>
    public void Enter(int function)
    {
        var type = _module.TypeOf(function);
        var body = _module.Code[function - _module.ImportedFunctions];
        _at = body.Offset;
        _localCount = type.Parameters.Length + body.LocalCount;
        if (_localCount > _limits.Locals)
        {
            throw WasmFaultException.TooLarge(_at, $"too many locals: {_localCount}; at most {_limits.Locals} are allowed");
        }

        if (_locals.Length < _localCount)
        {
            _locals = new ValueType[_localCount];
        }

        type.Parameters.CopyTo(_locals);
        var next = type.Parameters.Length;
        foreach (var group in body.Locals)
        {
            _locals.AsSpan(next, (int)group.Count).Fill(group.Type);
            next += (int)group.Count;
        }

        Open(type, isExpression: false);
    }

    /// <summary>Starts an expression that gives one value.</summary>
    public void EnterExpression(ValueType result)
    {
        _localCount = 0;
        Open(FunctionType.Giving(result), isExpression: true);
    }

    /// <summary>Takes the instruction's operands from the stack and puts its results there.</summary>
    /// <exception cref="WasmFaultException">A rule is broken.</exception>
    public void Apply(in InstructionReader instruction)
    {
        _at = instruction.Offset;
        _shape = instruction.Shape;
        if (_frameCount == 0)
        {
            throw WasmFaultException.Malformed(_at, $"section size mismatch: {_shape.Name} after the end of the function");
        }

        if (!_shape.IsFixed)
        {
            ApplyVarying(in instruction);
            return;
        }

        if (_shape.Immediate != Immediate.None)
        {
            CheckImmediates(in instruction);
        }

        var operands = _shape.Operands;
        for (var place = operands.Length - 1; place >= 0; place--)
        {
            Pop(operands[place]);
        }

        if (_shape.Results.Length > 0)
        {
            Push(_shape.Results[0]);
        }
    }

    private void Open(FunctionType type, bool isExpression)
    {
        _isExpression = isExpression;
        _operandCount = 0;
        _frameCount = 0;
        MostOperands = 0;
        PushFrame(Opcode.Block, new FunctionType([], type.Results));
    }

    private void Push(ValueType type)
    {
        if (_operandCount == _operands.Length)
        {
            Array.Resize(ref _operands, _operandCount * 2);
        }

        _operands[_operandCount++] = type;
        if (_operandCount > MostOperands)
        {
            MostOperands = _operandCount;
            if (_operandCount > _limits.OperandDepth)
            {
                throw WasmFaultException.TooLarge(_at, $"more than {_limits.OperandDepth} operands on the stack");
            }
        }
    }

    private void Push(ImmutableArray<ValueType> types)
    {
        foreach (var type in types)
        {
            Push(type);
        }
    }

    private ValueType Pop()
    {
        ref readonly var frame = ref _frames[_frameCount - 1];
        if (_operandCount > frame.Height)
        {
            return _operands[--_operandCount];
        }

        return frame.IsUnreachable
            ? ValueType.Unknown
            : throw Broken($"type mismatch: {_shape.Name} needs an operand, but the block's stack is empty");
    }

    private ValueType Pop(ValueType expected)
    {
        var found = Pop();
        return found == expected || found == ValueType.Unknown || expected == ValueType.Unknown
            ? found
            : throw Broken($"type mismatch: {_shape.Name} expects {expected.Name()}, found {found.Name()}");
    }

    private void Pop(ImmutableArray<ValueType> expected)
    {
        for (var place = expected.Length - 1; place >= 0; place--)
        {
            Pop(expected[place]);
        }
    }

    private void PushFrame(Opcode opcode, FunctionType type)
    {
        if (_frameCount == _frames.Length)
        {
            Array.Resize(ref _frames, _frameCount * 2);
        }

        if (_frameCount > _limits.NestingDepth)
        {
            throw WasmFaultException.TooLarge(_at, $"blocks are nested more than {_limits.NestingDepth} deep");
        }

        _frames[_frameCount++] = new ControlFrame(opcode, type, _operandCount, false);
        Push(type.Parameters);
    }

    private ControlFrame PopFrame()
    {
        var frame = _frames[_frameCount - 1];
        Pop(frame.Type.Results);
        if (_operandCount != frame.Height)
        {
            throw Broken($"type mismatch: {_operandCount - frame.Height} operands too many at the end of a block");
        }

        _frameCount--;
        return frame;
    }

    private void GoNowhere()
    {
        ref var frame = ref _frames[_frameCount - 1];
        _operandCount = frame.Height;
        frame = frame with { IsUnreachable = true };
    }

    private WasmFaultException Broken(string message) => WasmFaultException.Invalid(_at, message);
}
