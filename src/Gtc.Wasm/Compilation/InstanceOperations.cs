namespace Gtc.Wasm;

/// <summary>What compiled code calls for instructions that work on the instance. The instance comes last, since the operands are already on the stack.</summary>
internal static class InstanceOperations
{
    // Copies are cut into pieces, so that an interruption does not wait for gigabytes.
    private const ulong Piece = 16 << 20;

    public static object RefFunc(int function, InstanceState instance) => instance.FunctionAt(function);

    public static int MemorySize(InstanceState instance) => (int)instance.Memory!.Pages;

    public static int MemoryGrow(int pages, InstanceState instance) => instance.Memory!.Grow((uint)pages);

    public static unsafe void MemoryFill(int to, int value, int length, InstanceState instance)
    {
        var start = Part(instance, (uint)to, (uint)length);
        for (ulong done = 0; done < (uint)length; done += Piece)
        {
            CheckStop(instance);
            new Span<byte>(start + done, (int)Math.Min(Piece, (uint)length - done)).Fill((byte)value);
        }
    }

    public static unsafe void MemoryCopy(int to, int from, int length, InstanceState instance)
    {
        var source = Part(instance, (uint)from, (uint)length);
        var target = Part(instance, (uint)to, (uint)length);
        var whole = (ulong)(uint)length;
        for (ulong done = 0; done < whole; done += Piece)
        {
            CheckStop(instance);
            var count = Math.Min(Piece, whole - done);

            // Towards higher addresses the last piece goes first: a piece must not overwrite what is still to be read.
            var place = target > source ? whole - done - count : done;
            Buffer.MemoryCopy(source + place, target + place, count, count);
        }
    }

    public static unsafe void MemoryInit(int to, int from, int length, int segment, InstanceState instance)
    {
        var bytes = instance.Data[segment].Span;
        if ((uint)from > (uint)bytes.Length || (uint)length > (uint)bytes.Length - (uint)from)
        {
            Traps.MemoryOutOfBounds();
        }

        var target = Part(instance, (uint)to, (uint)length);
        bytes.Slice(from, length).CopyTo(new Span<byte>(target, length));
    }

    public static void DataDrop(int segment, InstanceState instance) => instance.Data[segment] = default;

    public static object? TableGet(int index, int table, InstanceState instance)
    {
        var elements = instance.Tables[table].Elements;
        if ((uint)index >= (uint)elements.Length)
        {
            Traps.TableOutOfBounds();
        }

        return elements[index];
    }

    public static void TableSet(int index, object? value, int table, InstanceState instance)
    {
        var elements = instance.Tables[table].Elements;
        if ((uint)index >= (uint)elements.Length)
        {
            Traps.TableOutOfBounds();
        }

        elements[index] = value;
    }

    public static int TableSize(int table, InstanceState instance) => instance.Tables[table].Elements.Length;

    public static int TableGrow(object? value, int count, int table, InstanceState instance)
    {
        CheckStop(instance);
        return instance.Tables[table].Grow((uint)count, value);
    }

    public static void TableFill(int to, object? value, int count, int table, InstanceState instance)
    {
        CheckStop(instance);
        Part(instance.Tables[table].Elements, (uint)to, (uint)count).Fill(value);
    }

    public static void TableCopy(int to, int from, int count, int target, int source, InstanceState instance)
    {
        CheckStop(instance);
        var read = Part(instance.Tables[source].Elements, (uint)from, (uint)count);
        read.CopyTo(Part(instance.Tables[target].Elements, (uint)to, (uint)count));
    }

    public static void TableInit(int to, int from, int count, int segment, int table, InstanceState instance)
    {
        CheckStop(instance);
        var read = Part(instance.Elements[segment]!, (uint)from, (uint)count);
        read.CopyTo(Part(instance.Tables[table].Elements, (uint)to, (uint)count));
    }

    public static void ElemDrop(int segment, InstanceState instance) => instance.Elements[segment] = [];

    /// <summary>The check of an indirect call whose type is too long for an exact key.</summary>
    public static void CheckLongType(object function, int type, InstanceState instance)
    {
        if (!((WasmFunction)function).Type.Equals(instance.Code.Module.Types[type]))
        {
            Traps.TypeMismatch();
        }
    }

    private static Span<object?> Part(object?[] elements, uint from, uint count)
    {
        if (from > (uint)elements.Length || count > (uint)elements.Length - from)
        {
            Traps.TableOutOfBounds();
        }

        return elements.AsSpan((int)from, (int)count);
    }

    private static unsafe byte* Part(InstanceState instance, uint from, uint length)
    {
        var memory = instance.Memory!;
        if ((ulong)from + length > memory.Length)
        {
            Traps.MemoryOutOfBounds();
        }

        return memory.Start + from;
    }

    private static void CheckStop(InstanceState instance)
    {
        if (Volatile.Read(ref instance.Store.Interrupted) != 0)
        {
            Traps.Stopped(instance);
        }
    }
}
