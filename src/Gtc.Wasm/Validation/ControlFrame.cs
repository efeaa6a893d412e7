using System.Collections.Immutable;

namespace Gtc.Wasm;

/// <summary>A block that is open: the function itself, a block, a loop, or a branch of an if.</summary>
/// <param name="Opcode">Block for a function too, Loop, If or Else.</param>
/// <param name="Type">What it takes from the stack and leaves there.</param>
/// <param name="Height">Operands below its own.</param>
/// <param name="IsUnreachable">True after an instruction that never goes on; operands below are then of any type.</param>
internal readonly record struct ControlFrame(Opcode Opcode, FunctionType Type, int Height, bool IsUnreachable)
{
    /// <summary>What a branch to this block takes along: a loop starts again, the others end.</summary>
    public ImmutableArray<ValueType> LabelTypes => Opcode == Opcode.Loop ? Type.Parameters : Type.Results;
}
