using System.Collections.Immutable;

namespace Gtc.Wasm;

/// <summary>What follows an opcode in the bytes.</summary>
internal enum Immediate : byte
{
    None,

    /// <summary>The type of a block.</summary>
    Block,

    /// <summary>One index: a label, function, local, global, table or segment.</summary>
    Index,

    /// <summary>Two indices; what they mean is said at <see cref="InstructionReader.SecondIndex"/>.</summary>
    IndexPair,
    BranchTable,

    /// <summary>The types of a typed select.</summary>
    SelectTypes,

    /// <summary>Alignment and offset.</summary>
    Memory,

    /// <summary>Alignment, offset and a lane.</summary>
    MemoryLane,

    /// <summary>One memory, always zero.</summary>
    MemoryIndex,

    /// <summary>Two memories, always zero.</summary>
    MemoryPair,

    /// <summary>A data segment and a memory, always zero.</summary>
    IndexThenMemory,
    I32,
    I64,
    F32,
    F64,
    V128,

    /// <summary>Sixteen lane numbers.</summary>
    Shuffle,
    Lane,

    /// <summary>The type of a null reference.</summary>
    RefType,
}

/// <summary>All that is known of an instruction without its surroundings.</summary>
internal sealed class InstructionShape
{
    public required Opcode Opcode { get; init; }

    /// <summary>The name in the text format.</summary>
    public required string Name { get; init; }

    public required Immediate Immediate { get; init; }

    /// <summary>True when operands and results are always the same; the lists are empty otherwise.</summary>
    public required bool IsFixed { get; init; }

    /// <summary>The operands' types, the deepest first.</summary>
    public required ImmutableArray<ValueType> Operands { get; init; }

    /// <summary>The results' types; one at most.</summary>
    public required ImmutableArray<ValueType> Results { get; init; }

    /// <summary>Bytes that a load or store reaches, or bytes of the lane that a lane instruction names; otherwise zero.</summary>
    public required byte Width { get; init; }

    public override string ToString() => Name;
}
