namespace Gtc.Wasm;

/// <summary>How large a table or memory is at first, and may become.</summary>
/// <param name="Minimum">The first size: elements of a table, pages of a memory.</param>
/// <param name="Maximum">What it may grow to; null when only the host limits it.</param>
public readonly record struct SizeLimits(uint Minimum, uint? Maximum)
{
    /// <inheritdoc/>
    public override string ToString() => Maximum is { } maximum ? $"{Minimum}..{maximum}" : $"{Minimum}..";
}

/// <summary>The type of a table.</summary>
/// <param name="Element">A reference type.</param>
/// <param name="Size">In elements.</param>
public readonly record struct TableType(ValueType Element, SizeLimits Size);

/// <summary>The type of a memory.</summary>
/// <param name="Size">In pages of 64 KiB.</param>
public readonly record struct MemoryType(SizeLimits Size)
{
    /// <summary>Bytes of a page.</summary>
    public const int PageBytes = 65_536;

    /// <summary>Pages of the largest memory that 32-bit addresses reach.</summary>
    public const uint MostPages = 65_536;
}

/// <summary>The type of a global.</summary>
/// <param name="Type">The type of its value.</param>
/// <param name="IsMutable">True when code may set it.</param>
public readonly record struct GlobalType(ValueType Type, bool IsMutable);

/// <summary>The kinds of what a module imports and exports; the number is the kind's byte in the binary format.</summary>
public enum ExternalKind : byte
{
    /// <summary>A function.</summary>
    Function = 0,

    /// <summary>A table.</summary>
    Table = 1,

    /// <summary>A memory.</summary>
    Memory = 2,

    /// <summary>A global.</summary>
    Global = 3,
}

/// <summary>What a module needs from outside.</summary>
/// <param name="Module">The first of the two names.</param>
/// <param name="Name">The second of the two names.</param>
public abstract record Import(string Module, string Name)
{
    /// <summary>The kind of what is needed.</summary>
    public abstract ExternalKind Kind { get; }

    /// <inheritdoc/>
    public sealed override string ToString() => $"{Kind} \"{Module}\" \"{Name}\"";
}

/// <summary>A function from outside.</summary>
/// <param name="Module">The first of the two names.</param>
/// <param name="Name">The second of the two names.</param>
/// <param name="TypeIndex">Its type, an index into <see cref="WasmModule.Types"/>.</param>
public sealed record FunctionImport(string Module, string Name, uint TypeIndex) : Import(Module, Name)
{
    /// <inheritdoc/>
    public override ExternalKind Kind => ExternalKind.Function;
}

/// <summary>A table from outside.</summary>
/// <param name="Module">The first of the two names.</param>
/// <param name="Name">The second of the two names.</param>
/// <param name="Type">Its type.</param>
public sealed record TableImport(string Module, string Name, TableType Type) : Import(Module, Name)
{
    /// <inheritdoc/>
    public override ExternalKind Kind => ExternalKind.Table;
}

/// <summary>A memory from outside.</summary>
/// <param name="Module">The first of the two names.</param>
/// <param name="Name">The second of the two names.</param>
/// <param name="Type">Its type.</param>
public sealed record MemoryImport(string Module, string Name, MemoryType Type) : Import(Module, Name)
{
    /// <inheritdoc/>
    public override ExternalKind Kind => ExternalKind.Memory;
}

/// <summary>A global from outside.</summary>
/// <param name="Module">The first of the two names.</param>
/// <param name="Name">The second of the two names.</param>
/// <param name="Type">Its type.</param>
public sealed record GlobalImport(string Module, string Name, GlobalType Type) : Import(Module, Name)
{
    /// <inheritdoc/>
    public override ExternalKind Kind => ExternalKind.Global;
}

/// <summary>What a module shows under a name.</summary>
/// <param name="Name">The name, unique in the module.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Index">Which one, in the index space of its kind.</param>
public sealed record Export(string Name, ExternalKind Kind, uint Index);
