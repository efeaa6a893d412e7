using System.Runtime.CompilerServices;

namespace Gtc.Wasm.Reference;

/// <summary>
/// Runs one function, step by step, as the execution rules say (core specification 2.0, section 4). It is what the compiler is compared with, so it is kept
/// simple: one value stack, one label stack, no shortcut.
/// </summary>
internal sealed partial class Interpreter
{
    private readonly record struct Label(int Continuation, int Arity, int Height, bool IsLoop);

    private readonly ReferenceInstance _instance;
    private readonly Step[] _steps;
    private readonly Value[] _locals;
    private readonly StepCounter _counter;
    private readonly List<Value> _stack = [];
    private readonly List<Label> _labels = [];
    private int _at;
    private (ReferenceFunction Callee, Value[] Arguments)? _tail;

    private Interpreter(ReferenceInstance instance, Step[] steps, Value[] locals, int results, StepCounter counter)
    {
        _instance = instance;
        _steps = steps;
        _locals = locals;
        _counter = counter;
        _labels.Add(new Label(steps.Length - 1, results, 0, false));
    }

    /// <summary>Calls a function; tail calls replace it.</summary>
    public static Value[] Call(ReferenceFunction function, Value[] arguments, StepCounter counter)
    {
        if (counter.Calls >= StepCounter.MostCalls || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new TrapException("call stack exhausted");
        }

        counter.Calls++;
        try
        {
            while (function is GuestFunction guest)
            {
                var locals = new Value[guest.Type.Parameters.Length + guest.Body.LocalCount];
                arguments.CopyTo(locals, 0);
                var run = new Interpreter(guest.Instance, guest.Steps, locals, guest.Type.Results.Length, counter);
                var results = run.Run();
                if (run._tail is not { } tail)
                {
                    return results;
                }

                (function, arguments) = tail;
            }

            return function.Invoke(arguments);
        }
        finally
        {
            counter.Calls--;
        }
    }

    /// <summary>The value of a constant expression.</summary>
    public static Value Evaluate(ReferenceInstance instance, ConstantExpression expression) =>
        new Interpreter(instance, Step.Read(instance.Module.Read(expression)), [], 1, instance.Steps).Run()[0];

    private Value[] Run()
    {
        for (_at = 0; _labels.Count > 0 && _tail is null; _at++)
        {
            _counter.Take();
            Execute(_steps[_at]);
        }

        return [.. _stack];
    }

    private void Execute(Step step)
    {
        switch (step.Shape.Opcode)
        {
            case Opcode.Unreachable:
                throw new TrapException("unreachable");
            case Opcode.Nop:
                break;
            case Opcode.Block:
                Open(step, false);
                break;
            case Opcode.Loop:
                Open(step, true);
                break;
            case Opcode.If:
                ExecuteIf(step);
                break;
            case Opcode.Else:
                _labels.RemoveAt(_labels.Count - 1);
                _at = step.End;
                break;
            case Opcode.End:
                _labels.RemoveAt(_labels.Count - 1);
                break;
            case Opcode.Br:
                Branch(step.Index);
                break;
            case Opcode.BrIf:
                if (Pop<int>() != 0)
                {
                    Branch(step.Index);
                }

                break;
            case Opcode.BrTable:
                Branch(step.Targets[(int)Math.Min(Pop<uint>(), (uint)step.Targets.Length - 1)]);
                break;
            case Opcode.Return:
                Branch((uint)_labels.Count - 1);
                break;
            default:
                ExecuteCallOrOther(step);
                break;
        }
    }

    private void ExecuteIf(Step step)
    {
        if (Pop<int>() != 0)
        {
            Open(step, false);
        }
        else if (step.Else >= 0)
        {
            Open(step, false);
            _at = step.Else;
        }
        else
        {
            _at = step.End;
        }
    }

    private void Open(Step step, bool isLoop)
    {
        var type = step.Block.In(_instance.Module);
        _labels.Add(new Label(
            isLoop ? _at : step.End, isLoop ? type.Parameters.Length : type.Results.Length, _stack.Count - type.Parameters.Length, isLoop));
    }

    private void Branch(uint depth)
    {
        var label = _labels[^((int)depth + 1)];
        var carried = Pop(label.Arity);
        _stack.RemoveRange(label.Height, _stack.Count - label.Height);
        _stack.AddRange(carried);
        _labels.RemoveRange(_labels.Count - (int)depth, (int)depth);
        if (!label.IsLoop)
        {
            _labels.RemoveAt(_labels.Count - 1);
        }

        _at = label.Continuation;
    }

    private void ExecuteCallOrOther(Step step)
    {
        switch (step.Shape.Opcode)
        {
            case Opcode.Call:
                Call(_instance.Functions[(int)step.Index]);
                break;
            case Opcode.ReturnCall:
                TailCall(_instance.Functions[(int)step.Index]);
                break;
            case Opcode.CallIndirect:
                Call(Indirect(step));
                break;
            case Opcode.ReturnCallIndirect:
                TailCall(Indirect(step));
                break;
            default:
                ExecuteVariable(step);
                break;
        }
    }

    private ReferenceFunction Indirect(Step step)
    {
        var place = Pop<uint>();
        var elements = _instance.Tables[(int)step.SecondIndex].Elements;
        var found = place < (uint)elements.Count ? elements[(int)place] : throw new TrapException("undefined element");
        var function = found as ReferenceFunction ?? throw new TrapException("uninitialized element");
        return function.Type.Equals(_instance.Module.Types[(int)step.Index]) ? function : throw new TrapException("indirect call type mismatch");
    }

    private void Call(ReferenceFunction function) =>
        _stack.AddRange(Call(function, Pop(function.Type.Parameters.Length), _counter));

    private void TailCall(ReferenceFunction function) =>
        _tail = (function, Pop(function.Type.Parameters.Length));

    private void Push(Value value) => _stack.Add(value);

    private Value Pop()
    {
        var value = _stack[^1];
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private T Pop<T>()
        where T : unmanaged => Pop().As<T>();

    private Value[] Pop(int count)
    {
        Value[] values = [.. _stack[(_stack.Count - count)..]];
        _stack.RemoveRange(_stack.Count - count, count);
        return values;
    }
}
