using System.Reflection.Emit;
using System.Runtime.InteropServices;

namespace Gtc.Wasm;

/// <summary>Where an operand is while a function is compiled.</summary>
internal enum OperandPlace : byte
{
    /// <summary>On the stack of the runtime, above all others that are there.</summary>
    Evaluated,

    /// <summary>In the slot of its height and type.</summary>
    Slot,

    /// <summary>In a local of the guest, which has not been written since; read when it is needed.</summary>
    Local,

    /// <summary>Known; written into the code where it is needed.</summary>
    Constant,
}

/// <summary>One operand.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Place">Where it is.</param>
/// <param name="Number">The local's index, or the constant's bits.</param>
internal readonly record struct Operand(ValueType Type, OperandPlace Place, long Number);

/// <summary>
/// The operand stack of the guest's function at compile time. Operands stay on the runtime's stack only between two places where control can come together; there,
/// each lies in a slot (a local of its own per height and type), so that all ways into a place agree. Locals and constants are not read before they are needed.
/// </summary>
internal sealed class OperandStack(ILGenerator il, GuestLocals locals, bool isLarge)
{
    // Writing a local must find the operands that still stand for it, so there are never many.
    private const int MostDeferred = 32;

    // The JIT looks at everything on its stack whenever something may change it, so there is never much either.
    private const int MostEvaluated = 32;
    private readonly int _mostEvaluated = isLarge ? 1 : MostEvaluated;
    private readonly List<Operand> _operands = [];
    private readonly List<int> _evaluated = [];
    private readonly List<int> _deferred = [];
    private readonly Dictionary<(int Height, ValueType Type), LocalBuilder> _slots = [];

    public int SlotCount => _slots.Count;

    public int Count => _operands.Count;

    public bool HasEvaluated => _evaluated.Count > 0;

    /// <summary>True when something other than the top operand is on the runtime's stack.</summary>
    public bool HasEvaluatedBelowTop => _evaluated.Count > 0 && _evaluated[0] < _operands.Count - 1;

    public Operand Peek(int depth = 0) => _operands[^(depth + 1)];

    public void PushEvaluated(ValueType type)
    {
        _evaluated.Add(_operands.Count);
        _operands.Add(new Operand(type, OperandPlace.Evaluated, 0));
        if (_evaluated.Count >= _mostEvaluated)
        {
            Spill();
        }
    }

    public void PushSlot(ValueType type) => _operands.Add(new Operand(type, OperandPlace.Slot, 0));

    public void PushConstant(ValueType type, long bits) => _operands.Add(new Operand(type, OperandPlace.Constant, bits));

    public void PushLocal(ValueType type, int local)
    {
        if (_deferred.Count >= MostDeferred)
        {
            locals.Load(il, local);
            PushEvaluated(type);
            return;
        }

        _deferred.Add(_operands.Count);
        _operands.Add(new Operand(type, OperandPlace.Local, local));
    }

    /// <summary>Takes the top operand away without reading it.</summary>
    public void Drop()
    {
        if (Remove().Place == OperandPlace.Evaluated)
        {
            il.Emit(OpCodes.Pop);
        }
    }

    /// <summary>Puts the top operands on the runtime's stack, the deepest first, and takes them away.</summary>
    public void Load(int count)
    {
        var first = _operands.Count - count;
        var place = first;
        while (place < _operands.Count && _operands[place].Place == OperandPlace.Evaluated)
        {
            place++;
        }

        while (_evaluated.Count > 0 && _evaluated[^1] > place)
        {
            SpillTop();
        }

        for (; place < _operands.Count; place++)
        {
            Read(place);
        }

        Forget(first);
    }

    /// <summary>Like <see cref="Load"/> of two operands whose order does not matter.</summary>
    public void LoadPair()
    {
        var last = _operands.Count - 1;
        if (_operands[last].Place == OperandPlace.Evaluated && _operands[last - 1].Place != OperandPlace.Evaluated)
        {
            Read(last - 1);
            Forget(last - 1);
            return;
        }

        Load(2);
    }

    /// <summary>Reads the operand at a depth without taking it away; it must not be evaluated.</summary>
    public void Copy(int depth = 0) => Read(_operands.Count - 1 - depth);

    /// <summary>Moves everything from the runtime's stack to slots.</summary>
    public void Spill()
    {
        while (_evaluated.Count > 0)
        {
            SpillTop();
        }
    }

    /// <summary>As <see cref="Spill"/>, and nothing stands for a local any more: for places from which on locals may be written on one way only.</summary>
    public void Settle()
    {
        Spill();
        SettleLocals();
    }

    /// <summary>Copies to slots all operands that stand for locals. The runtime's stack keeps what it has.</summary>
    public void SettleLocals()
    {
        foreach (var place in _deferred)
        {
            ToSlot(place);
        }

        _deferred.Clear();
    }

    /// <summary>Copies to slots what stands for a local that is about to be written, but for the top operands, which are what is written.</summary>
    public void SettleLocal(int local, int but)
    {
        for (var index = _deferred.Count - 1; index >= 0; index--)
        {
            if (_operands[_deferred[index]].Number == local && _deferred[index] < _operands.Count - but)
            {
                ToSlot(_deferred[index]);
                _deferred.RemoveAt(index);
            }
        }
    }

    /// <summary>Puts the top operands into their slots; nothing may be evaluated.</summary>
    public void Materialise(int count)
    {
        for (var place = _operands.Count - count; place < _operands.Count; place++)
        {
            if (_operands[place].Place != OperandPlace.Slot)
            {
                ToSlot(place);
            }
        }

        while (_deferred.Count > 0 && _deferred[^1] >= _operands.Count - count)
        {
            _deferred.RemoveAt(_deferred.Count - 1);
        }
    }

    /// <summary>Forgets everything above a height; it is not on the runtime's stack.</summary>
    public void Forget(int height)
    {
        CollectionsMarshal.SetCount(_operands, height);
        Trim(_evaluated, height);
        Trim(_deferred, height);
    }

    /// <summary>Pops from the runtime's stack all that is still there.</summary>
    public void DiscardEvaluated()
    {
        for (; _evaluated.Count > 0; _evaluated.RemoveAt(_evaluated.Count - 1))
        {
            il.Emit(OpCodes.Pop);
        }
    }

    public LocalBuilder Slot(int height, ValueType type)
    {
        var key = (height, type.IsReference() ? ValueType.ExternRef : type);
        if (!_slots.TryGetValue(key, out var slot))
        {
            _slots[key] = slot = il.DeclareLocal(ClrTypes.Of(type));
        }

        return slot;
    }

    private static void Trim(List<int> places, int height)
    {
        while (places.Count > 0 && places[^1] >= height)
        {
            places.RemoveAt(places.Count - 1);
        }
    }

    private Operand Remove()
    {
        var top = _operands[^1];
        Forget(_operands.Count - 1);
        return top;
    }

    private void SpillTop()
    {
        var place = _evaluated[^1];
        _evaluated.RemoveAt(_evaluated.Count - 1);
        var type = _operands[place].Type;
        il.Emit(OpCodes.Stloc, Slot(place, type));
        _operands[place] = new Operand(type, OperandPlace.Slot, 0);
    }

    private void ToSlot(int place)
    {
        var type = _operands[place].Type;
        Read(place);
        il.Emit(OpCodes.Stloc, Slot(place, type));
        _operands[place] = new Operand(type, OperandPlace.Slot, 0);
    }

    private void Read(int place)
    {
        var operand = _operands[place];
        switch (operand.Place)
        {
            case OperandPlace.Slot:
                il.Emit(OpCodes.Ldloc, Slot(place, operand.Type));
                break;
            case OperandPlace.Local:
                locals.Load(il, (int)operand.Number);
                break;
            default:
                Constants.Emit(il, operand.Type, operand.Number);
                break;
        }
    }
}
