using System.Runtime.Intrinsics;

namespace Gtc.Wasm.Reference;

/// <summary>One instruction with its immediates, and where its block continues.</summary>
internal sealed class Step
{
    public required InstructionShape Shape { get; init; }

    public required uint Index { get; init; }

    public required uint SecondIndex { get; init; }

    public required long Constant { get; init; }

    public required Vector128<byte> Vector { get; init; }

    public required uint Offset { get; init; }

    public required byte Lane { get; init; }

    public required BlockType Block { get; init; }

    public required uint[] Targets { get; init; }

    /// <summary>The step of the block's end.</summary>
    public int End { get; private set; }

    /// <summary>The step of the else of an if, or -1.</summary>
    public int Else { get; private set; } = -1;

    public static Step[] Read(InstructionReader instructions)
    {
        var steps = new List<Step>();
        var open = new Stack<Step>();
        while (instructions.Read())
        {
            var step = One(in instructions);
            switch (instructions.Opcode)
            {
                case Opcode.Block or Opcode.Loop or Opcode.If:
                    open.Push(step);
                    break;
                case Opcode.Else:
                    open.Peek().Else = steps.Count;
                    open.Push(step);
                    break;
                case Opcode.End when open.TryPop(out var block):
                    block.End = steps.Count;
                    if (block.Shape.Opcode == Opcode.Else)
                    {
                        open.Pop().End = steps.Count;
                    }

                    break;
                default:
                    break;
            }

            steps.Add(step);
        }

        return [.. steps];
    }

    private static Step One(in InstructionReader instruction) => new()
    {
        Shape = instruction.Shape,
        Index = instruction.Index,
        SecondIndex = instruction.SecondIndex,
        Constant = instruction.Constant,
        Vector = instruction.Vector,
        Offset = instruction.MemoryOffset,
        Lane = instruction.Lane,
        Block = instruction.Block,
        Targets = instruction.Opcode == Opcode.BrTable ? instruction.Targets.ToArray() : [],
    };
}
