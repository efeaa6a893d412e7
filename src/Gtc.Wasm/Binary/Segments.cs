using System.Collections.Immutable;

namespace Gtc.Wasm;

/// <summary>An expression whose value is known when the module is instantiated: a range of the module's bytes, its <c>end</c> included.</summary>
/// <param name="Offset">Where it starts, in bytes from the start of the module.</param>
/// <param name="Length">Bytes, with the closing <c>end</c>.</param>
public readonly record struct ConstantExpression(int Offset, int Length);

/// <summary>When a segment is used.</summary>
public enum SegmentMode
{
    /// <summary>Copied to its place when the module is instantiated, then dropped.</summary>
    Active,

    /// <summary>Copied by instructions, whenever they run.</summary>
    Passive,

    /// <summary>Never copied; it only declares that references to its functions are taken.</summary>
    Declarative,
}

/// <summary>References for a table.</summary>
public sealed record ElementSegment
{
    /// <summary>When it is used.</summary>
    public required SegmentMode Mode { get; init; }

    /// <summary>The type of the references.</summary>
    public required ValueType Type { get; init; }

    /// <summary>The table of an active segment.</summary>
    public uint Table { get; init; }

    /// <summary>Where an active segment goes, in elements.</summary>
    public ConstantExpression Place { get; init; }

    /// <summary>The functions, when the segment lists functions; otherwise default.</summary>
    public ImmutableArray<uint> Functions { get; init; }

    /// <summary>The references, when the segment lists expressions; otherwise default.</summary>
    public ImmutableArray<ConstantExpression> Expressions { get; init; }

    /// <summary>How many references there are.</summary>
    public int Count => Functions.IsDefault ? Expressions.Length : Functions.Length;

    internal int Offset { get; init; }
}

/// <summary>Bytes for a memory.</summary>
public sealed record DataSegment
{
    /// <summary>When it is used; never declarative.</summary>
    public required SegmentMode Mode { get; init; }

    /// <summary>The bytes, a part of the module's.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>The memory of an active segment.</summary>
    public uint Memory { get; init; }

    /// <summary>Where an active segment goes, in bytes.</summary>
    public ConstantExpression Place { get; init; }

    internal int Offset { get; init; }
}

/// <summary>Locals of one type that stand side by side.</summary>
/// <param name="Count">How many.</param>
/// <param name="Type">Their type.</param>
public readonly record struct LocalGroup(uint Count, ValueType Type);

/// <summary>The code of a function that the module defines.</summary>
/// <param name="Offset">Where its instructions start, in bytes from the start of the module.</param>
/// <param name="Length">Bytes of its instructions, with the closing <c>end</c>.</param>
/// <param name="Locals">The locals after the parameters.</param>
/// <param name="LocalCount">How many locals there are after the parameters.</param>
public readonly record struct FunctionBody(int Offset, int Length, ImmutableArray<LocalGroup> Locals, int LocalCount);

/// <summary>Bytes that the format leaves to others, such as names for debuggers.</summary>
/// <param name="Name">Whose they are.</param>
/// <param name="Bytes">The content, a part of the module's bytes.</param>
public sealed record CustomSection(string Name, ReadOnlyMemory<byte> Bytes);
