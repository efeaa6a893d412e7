using System.Collections.Immutable;
using System.Reflection.Emit;

namespace Gtc.Wasm;

/// <summary>A block that is being compiled.</summary>
internal sealed class CompiledBlock
{
    /// <summary><c>block</c>, <c>loop</c> or <c>if</c>; the function itself is a block.</summary>
    public required Opcode Kind { get; init; }

    public required FunctionType Type { get; init; }

    /// <summary>How many operands lie below its parameters.</summary>
    public required int Height { get; init; }

    /// <summary>Where branches to it go: the start of a loop, the end of anything else.</summary>
    public required Label Target { get; init; }

    /// <summary>Where an <c>if</c> goes on when its condition is zero.</summary>
    public Label Otherwise { get; init; }

    /// <summary>True once the <c>else</c> was met.</summary>
    public bool HasElse { get; set; }

    /// <summary>True once something branches to it.</summary>
    public bool IsTargeted { get; set; }

    /// <summary>What a branch to it carries.</summary>
    public ImmutableArray<ValueType> Carried => Kind == Opcode.Loop ? Type.Parameters : Type.Results;
}
