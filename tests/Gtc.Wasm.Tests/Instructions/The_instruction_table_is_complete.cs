namespace Gtc.Wasm.Tests;

public sealed class The_instruction_table_is_complete
{
    [Fact]
    public void Every_opcode_has_one_row() =>
        InstructionTable.All.Select(shape => shape.Opcode).ShouldBe(Enum.GetValues<Opcode>());

    [Fact]
    public void Names_are_those_of_the_opcodes() =>
        InstructionTable.All.Where(shape => shape.Opcode != Opcode.SelectTyped)
            .ShouldAllBe(shape => string.Equals(shape.Opcode.ToString(), shape.Name.Replace(".", "").Replace("_", ""), StringComparison.OrdinalIgnoreCase));

    [Fact]
    public void Loads_stores_and_lanes_have_a_width() =>
        InstructionTable.All.ShouldAllBe(shape => shape.Width > 0 == (shape.Immediate == Immediate.Memory || shape.Immediate == Immediate.MemoryLane || shape.Immediate == Immediate.Lane));
}
