namespace Gtc.Wasm.Reference;

/// <summary>A memory, as an array that is replaced when it grows.</summary>
public sealed class ReferenceMemory(MemoryType type)
{
    /// <summary>The type that it was made with.</summary>
    public MemoryType Type { get; } = type;

    /// <summary>The content.</summary>
    public byte[] Bytes { get; private set; } = new byte[checked((int)type.Size.Minimum * MemoryType.PageBytes)];

    /// <summary>The size, in pages.</summary>
    public int Pages => Bytes.Length / MemoryType.PageBytes;

    /// <summary>Adds pages, up to as many as the type and the host allow.</summary>
    /// <returns>The pages before, or -1.</returns>
    public int Grow(uint more, uint most)
    {
        var before = Pages;
        if (before + (long)more > Math.Min(most, Type.Size.Maximum ?? MemoryType.MostPages))
        {
            return -1;
        }

        var bytes = new byte[(before + more) * MemoryType.PageBytes];
        Bytes.CopyTo(bytes, 0);
        Bytes = bytes;
        return before;
    }
}

/// <summary>A table.</summary>
public sealed class ReferenceTable(TableType type)
{
    /// <summary>The type that it was made with.</summary>
    public TableType Type { get; } = type;

    /// <summary>The content.</summary>
    public List<object?> Elements { get; } = [.. new object?[type.Size.Minimum]];

    /// <summary>Adds elements, up to as many as the type and the host allow.</summary>
    /// <returns>The size before, or -1.</returns>
    public int Grow(uint more, object? fill, uint most)
    {
        var before = Elements.Count;
        if (before + (long)more > Math.Min(most, Type.Size.Maximum ?? uint.MaxValue))
        {
            return -1;
        }

        Elements.AddRange(Enumerable.Repeat(fill, (int)more));
        return before;
    }
}

/// <summary>A global.</summary>
public sealed class ReferenceGlobal(GlobalType type, Value value)
{
    /// <summary>Its type.</summary>
    public GlobalType Type { get; } = type;

    /// <summary>Its value.</summary>
    public Value Current { get; set; } = value;
}

/// <summary>A function, of the host or of a guest.</summary>
public abstract class ReferenceFunction(FunctionType type)
{
    /// <summary>What it takes and gives.</summary>
    public FunctionType Type { get; } = type;

    /// <summary>Calls it from outside.</summary>
    public abstract Value[] Invoke(Value[] arguments);
}

/// <summary>A function of the host.</summary>
public sealed class ReferenceHostFunction(FunctionType type, Func<Value[], Value[]> body) : ReferenceFunction(type)
{
    /// <inheritdoc/>
    public override Value[] Invoke(Value[] arguments) => body(arguments);
}
