using System.Collections.Immutable;
using System.Reflection.Emit;

namespace Gtc.Wasm;

/// <content>Blocks, branches and calls.</content>
internal sealed partial class FunctionCompiler
{
    private bool TryControl(ref InstructionReader reader)
    {
        switch (reader.Opcode)
        {
            case Opcode.Block:
                _operands.Settle();
                Open(Opcode.Block, reader.Block.In(_module), default);
                break;
            case Opcode.Loop:
                Loop(reader.Block.In(_module));
                break;
            case Opcode.If:
                If(reader.Block.In(_module));
                break;
            case Opcode.Else:
                Else();
                break;
            case Opcode.End:
                End();
                break;
            case Opcode.Br:
                Branch(FrameAt(reader.Index));
                break;
            case Opcode.BrIf:
                BranchIf(FrameAt(reader.Index));
                break;
            case Opcode.BrTable:
                BranchTable(reader.Targets.ToArray());
                break;
            case Opcode.Return:
                Branch(FrameAt((uint)_frames.Count - 1));
                break;
            case Opcode.Unreachable:
                Trap(nameof(Traps.Unreachable));
                Abandon();
                break;
            default:
                return TryCall(ref reader);
        }

        return true;
    }

    private CompiledBlock FrameAt(uint label) => _frames[^((int)label + 1)];

    private void Open(Opcode kind, FunctionType type, Label otherwise) => _frames.Add(new CompiledBlock
    {
        Kind = kind,
        Type = type,
        Height = _operands.Count - type.Parameters.Length,
        Target = _il.DefineLabel(),
        Otherwise = otherwise,
    });

    private void Loop(FunctionType type)
    {
        _operands.Settle();
        _operands.Materialise(type.Parameters.Length);
        _reached.Clear();
        Open(Opcode.Loop, type, default);
        _il.MarkLabel(_frames[^1].Target);
        CheckInterrupted();
    }

    private void If(FunctionType type)
    {
        var otherwise = _il.DefineLabel();
        _operands.Settle();
        _operands.Load(1);
        _il.Emit(OpCodes.Brfalse, otherwise);
        _operands.Materialise(type.Parameters.Length);
        Open(Opcode.If, type, otherwise);
    }

    private void Else()
    {
        var frame = _frames[^1];
        if (_reachable)
        {
            Carry(frame, frame.Type.Results);
            frame.IsTargeted = true;
            _il.Emit(OpCodes.Br, frame.Target);
        }

        frame.HasElse = true;
        _il.MarkLabel(frame.Otherwise);
        Resume(frame.Height, frame.Type.Parameters);
    }

    private void End()
    {
        var frame = _frames[^1];
        _frames.RemoveAt(_frames.Count - 1);
        if (_reachable)
        {
            Carry(frame, frame.Type.Results);
        }

        var skips = frame.Kind == Opcode.If && !frame.HasElse;
        if (skips)
        {
            _il.MarkLabel(frame.Otherwise);
        }

        if (frame.Kind != Opcode.Loop)
        {
            _il.MarkLabel(frame.Target);
        }

        if (_reachable || skips || (frame.IsTargeted && frame.Kind != Opcode.Loop))
        {
            Resume(frame.Height, frame.Type.Results);
            if (_frames.Count == 0)
            {
                Return();
            }
        }
        else
        {
            _operands.Forget(frame.Height);
        }
    }

    private void Resume(int height, ImmutableArray<ValueType> types)
    {
        _operands.Forget(height);
        foreach (var type in types)
        {
            _operands.PushSlot(type);
        }

        _reachable = true;
        _reached.Clear();
    }

    private void Abandon()
    {
        _operands.Forget(_frames[^1].Height);
        _reachable = false;
        _skipped = 0;
    }

    private void Return()
    {
        if (_type.Results.Length > 1)
        {
            for (var place = 0; place < _type.Results.Length; place++)
            {
                LoadInstance();
                _compiler.Tokens.Field(_il, OpCodes.Ldfld, Operations.InstanceStore);
                _compiler.Tokens.Field(_il, OpCodes.Ldfld, Operations.StoreResults);
                _il.Emit(OpCodes.Ldc_I4, place);
                _operands.Copy(_type.Results.Length - 1 - place);
                _compiler.Tokens.Call(_il, Operations.Stub("Put" + ClrTypes.NameOf(_type.Results[place])));
            }
        }
        else
        {
            _operands.Load(_type.Results.Length);
        }

        _il.Emit(OpCodes.Ret);
    }

    /// <summary>Moves what a branch carries from the top of the stack to where its target looks for it, and empties the runtime's stack.</summary>
    private void Carry(CompiledBlock frame, ImmutableArray<ValueType> types)
    {
        _operands.Load(types.Length);
        for (var place = types.Length - 1; place >= 0; place--)
        {
            _il.Emit(OpCodes.Stloc, _operands.Slot(frame.Height + place, types[place]));
        }

        _operands.DiscardEvaluated();
    }

    private void Branch(CompiledBlock frame)
    {
        Carry(frame, frame.Carried);
        frame.IsTargeted = true;
        _il.Emit(OpCodes.Br, frame.Target);
        Abandon();
    }

    private void BranchIf(CompiledBlock frame)
    {
        frame.IsTargeted = true;
        var carried = frame.Carried.Length;
        if (carried == 0 && !_operands.HasEvaluatedBelowTop)
        {
            _operands.Load(1);
            _il.Emit(OpCodes.Brtrue, frame.Target);
            return;
        }

        _operands.Spill();
        _operands.Load(1);
        if (carried == 0)
        {
            _il.Emit(OpCodes.Brtrue, frame.Target);
            return;
        }

        var go = _il.DefineLabel();
        _il.Emit(OpCodes.Brfalse, go);
        CarryCopy(frame);
        _il.Emit(OpCodes.Br, frame.Target);
        _il.MarkLabel(go);
    }

    private void CarryCopy(CompiledBlock frame)
    {
        var types = frame.Carried;
        for (var depth = types.Length - 1; depth >= 0; depth--)
        {
            _operands.Copy(depth);
        }

        for (var place = types.Length - 1; place >= 0; place--)
        {
            _il.Emit(OpCodes.Stloc, _operands.Slot(frame.Height + place, types[place]));
        }
    }

    private void BranchTable(uint[] targets)
    {
        _operands.Spill();
        _operands.Load(1);
        var stubs = new Dictionary<uint, Label>();
        var labels = new Label[targets.Length];
        for (var place = 0; place < targets.Length; place++)
        {
            var frame = FrameAt(targets[place]);
            frame.IsTargeted = true;
            if (frame.Carried.IsEmpty)
            {
                labels[place] = frame.Target;
            }
            else if (!stubs.TryGetValue(targets[place], out labels[place]))
            {
                stubs[targets[place]] = labels[place] = _il.DefineLabel();
            }
        }

        _il.Emit(OpCodes.Switch, labels[..^1]);
        _il.Emit(OpCodes.Br, labels[^1]);
        foreach (var (target, label) in stubs)
        {
            _il.MarkLabel(label);
            CarryCopy(FrameAt(target));
            _il.Emit(OpCodes.Br, FrameAt(target).Target);
        }

        Abandon();
    }
}
