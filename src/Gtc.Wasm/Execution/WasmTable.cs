namespace Gtc.Wasm;

/// <summary>A table of references.</summary>
public sealed class WasmTable : WasmExternal
{
    // Compiled code reads this. Its length is the table's size; growth replaces it.
    internal object?[] Elements;

    private WasmTable(WasmStore store, TableType type, object?[] elements)
        : base(store)
    {
        Type = type;
        Elements = elements;
    }

    /// <inheritdoc/>
    public override ExternalKind Kind => ExternalKind.Table;

    /// <summary>The type that it was made with.</summary>
    public TableType Type { get; }

    /// <summary>Its size in elements.</summary>
    public uint Size => (uint)Elements.Length;

    /// <summary>Makes a table of nulls.</summary>
    /// <returns>The table, or that the store's limits do not allow it.</returns>
    public static WasmResult<WasmTable> Create(WasmStore store, TableType type)
    {
        ArgumentNullException.ThrowIfNull(store);
        ObjectDisposedException.ThrowIf(store.IsDisposed, store);
        return store.TryTakeElements(type.Size.Minimum)
            ? new WasmTable(store, type, new object?[type.Size.Minimum])
            : new WasmError(WasmErrorKind.TooLarge, -1, $"a table of {type.Size.Minimum} elements does not fit in what the store has left of {store.Limits.TableElements}");
    }

    /// <summary>Reads an element.</summary>
    /// <returns>False past the end.</returns>
    public bool TryGet(uint index, out WasmValue value)
    {
        value = index < Size ? WasmValue.External(Elements[index]) : default;
        return index < Size;
    }

    /// <summary>Writes an element.</summary>
    /// <returns>False past the end.</returns>
    /// <exception cref="ArgumentException">The reference does not have the table's type or belongs to another store.</exception>
    public bool TrySet(uint index, WasmValue value)
    {
        var reference = Boundary.Check(value.Reference, Type.Element, Store);
        if (index >= Size)
        {
            return false;
        }

        Elements[index] = reference;
        return true;
    }

    /// <summary>Adds elements.</summary>
    /// <returns>The size before, or -1 when a limit does not allow it.</returns>
    /// <exception cref="ArgumentException">The reference does not have the table's type or belongs to another store.</exception>
    public int Grow(uint elements, WasmValue value) => Grow(elements, Boundary.Check(value.Reference, Type.Element, Store));

    internal int Grow(uint elements, object? reference)
    {
        var before = Elements.Length;
        if (elements > (Type.Size.Maximum ?? uint.MaxValue) - (uint)before || elements > int.MaxValue || !Store.TryTakeElements(elements))
        {
            return -1;
        }

        if (elements > 0)
        {
            var grown = new object?[before + (int)elements];
            Elements.CopyTo(grown, 0);
            grown.AsSpan(before).Fill(reference);
            Elements = grown;
        }

        return before;
    }

    /// <summary>True when it may stand where the type is asked for.</summary>
    internal bool Matches(TableType wanted) =>
        Type.Element == wanted.Element
        && Size >= wanted.Size.Minimum
        && (wanted.Size.Maximum is not { } most || (Type.Size.Maximum is { } mine && mine <= most));
}
