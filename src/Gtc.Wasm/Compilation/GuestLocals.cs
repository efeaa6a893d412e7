using System.Reflection.Emit;

namespace Gtc.Wasm;

/// <summary>The parameters and locals of a guest's function, as arguments and locals of the compiled one. Locals start as zero by the runtime's rule.</summary>
internal sealed class GuestLocals
{
    private readonly FunctionType _type;
    private readonly List<(int Start, LocalGroup Group)> _groups = [];
    private readonly Dictionary<int, LocalBuilder> _locals = [];

    public GuestLocals(FunctionType type, FunctionBody body)
    {
        _type = type;
        var start = type.Parameters.Length;
        foreach (var group in body.Locals)
        {
            _groups.Add((start, group));
            start += (int)group.Count;
        }
    }

    public int UsedCount => _locals.Count;

    public ValueType TypeOf(int local)
    {
        if (local < _type.Parameters.Length)
        {
            return _type.Parameters[local];
        }

        // The last group that starts at or before it and is not empty holds it.
        var (low, high) = (0, _groups.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = _groups[middle].Start <= local ? (middle, high) : (low, middle - 1);
        }

        return _groups[low].Group.Type;
    }

    public void Load(ILGenerator il, int local)
    {
        if (local < _type.Parameters.Length)
        {
            LoadArgument(il, local);
            return;
        }

        il.Emit(OpCodes.Ldloc, Find(il, local));
    }

    public void Store(ILGenerator il, int local)
    {
        if (local < _type.Parameters.Length)
        {
            il.Emit(OpCodes.Starg, (short)local);
            return;
        }

        il.Emit(OpCodes.Stloc, Find(il, local));
    }

    public static void LoadArgument(ILGenerator il, int argument)
    {
        switch (argument)
        {
            case 0:
                il.Emit(OpCodes.Ldarg_0);
                break;
            case 1:
                il.Emit(OpCodes.Ldarg_1);
                break;
            case 2:
                il.Emit(OpCodes.Ldarg_2);
                break;
            case 3:
                il.Emit(OpCodes.Ldarg_3);
                break;
            case < 256:
                il.Emit(OpCodes.Ldarg_S, (byte)argument);
                break;
            default:
                il.Emit(OpCodes.Ldarg, (short)argument);
                break;
        }
    }

    // Made when first used: declared locals that the code never touches cost nothing.
    private LocalBuilder Find(ILGenerator il, int local)
    {
        if (!_locals.TryGetValue(local, out var found))
        {
            _locals[local] = found = il.DeclareLocal(ClrTypes.Of(TypeOf(local)));
        }

        return found;
    }
}
