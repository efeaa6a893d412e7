using System.Numerics;

namespace Gtc.Wasm.Tests;

/// <summary>What every instruction with one signature takes and gives, from the table, against the validator: by way of modules that differ in one thing.</summary>
public sealed class Operands_are_checked
{
    private static readonly ValueType[] All =
        [ValueType.I32, ValueType.I64, ValueType.F32, ValueType.F64, ValueType.V128, ValueType.FuncRef, ValueType.ExternRef];

    private static IEnumerable<InstructionShape> Fixed =>
        InstructionTable.All.Where(shape => shape.IsFixed && shape.Opcode is not Opcode.MemoryInit and not Opcode.DataDrop);

    [Fact]
    public void The_right_operands_are_accepted()
    {
        foreach (var shape in Fixed)
        {
            Check(shape, shape.Operands, shape.Results, memory: true).ShouldBeNull(shape.Name);
        }
    }

    [Fact]
    public void Every_operand_of_another_type_is_refused()
    {
        foreach (var shape in Fixed)
        {
            for (var place = 0; place < shape.Operands.Length; place++)
            {
                foreach (var type in All.Where(type => type != shape.Operands[place]))
                {
                    Refused(Check(shape, shape.Operands.SetItem(place, type), shape.Results, memory: true), "type mismatch", $"{shape.Name}, operand {place} as {type}");
                }
            }
        }
    }

    [Fact]
    public void A_missing_operand_is_refused()
    {
        foreach (var shape in Fixed.Where(shape => shape.Operands.Length > 0))
        {
            Refused(Check(shape, shape.Operands.RemoveAt(0), shape.Results, memory: true), "type mismatch", shape.Name);
        }
    }

    [Fact]
    public void Every_result_taken_as_another_type_is_refused()
    {
        foreach (var shape in Fixed.Where(shape => shape.Results.Length > 0))
        {
            foreach (var type in All.Where(type => type != shape.Results[0]))
            {
                Refused(Check(shape, shape.Operands, [type], memory: true), "type mismatch", $"{shape.Name} as {type}");
            }
        }
    }

    [Fact]
    public void What_touches_memory_needs_one()
    {
        var touching = Fixed.Where(shape => shape.Immediate is Immediate.Memory or Immediate.MemoryLane or Immediate.MemoryIndex or Immediate.MemoryPair).ToList();
        touching.Count.ShouldBe(23 + 2 + 2 + 22);
        foreach (var shape in touching)
        {
            Refused(Check(shape, shape.Operands, shape.Results, memory: false), "unknown memory 0", shape.Name);
        }
    }

    [Fact]
    public void An_alignment_above_the_natural_one_is_refused()
    {
        foreach (var shape in Fixed.Where(shape => shape.Immediate is Immediate.Memory or Immediate.MemoryLane))
        {
            var natural = (uint)BitOperations.Log2(shape.Width);
            Check(shape, shape.Operands, shape.Results, memory: true, alignment: natural).ShouldBeNull(shape.Name);
            foreach (var beyond in new[] { natural + 1, 31u, 32u, 33u, 63u })
            {
                Refused(Check(shape, shape.Operands, shape.Results, memory: true, alignment: beyond), "alignment must not be larger than natural", $"{shape.Name} 2^{beyond}");
            }
        }
    }

    [Fact]
    public void A_lane_that_is_not_there_is_refused()
    {
        foreach (var shape in Fixed.Where(shape => shape.Immediate is Immediate.Lane or Immediate.MemoryLane or Immediate.Shuffle))
        {
            var lanes = shape.Immediate == Immediate.Shuffle ? 32 : 16 / shape.Width;
            Check(shape, shape.Operands, shape.Results, memory: true, lane: (byte)(lanes - 1)).ShouldBeNull(shape.Name);
            foreach (var beyond in new[] { lanes, lanes + 1, 255 })
            {
                Refused(Check(shape, shape.Operands, shape.Results, memory: true, lane: (byte)beyond), "invalid lane index", $"{shape.Name} {beyond}");
            }
        }
    }

    [Fact]
    public void In_code_that_cannot_be_reached_any_operand_may_be_missing()
    {
        foreach (var shape in Fixed)
        {
            var module = ModuleWriter.OneFunction(new FunctionType([], shape.Results), code => code.Op(Opcode.Unreachable).Instruction(shape), memory: true);
            WasmModule.Load(module, WasmLimits.Default).Error.ShouldBeNull(shape.Name);
        }
    }

    private static WasmError? Check(
        InstructionShape shape, IEnumerable<ValueType> operands, IEnumerable<ValueType> results, bool memory, uint alignment = 0, byte lane = 0)
    {
        var module = ModuleWriter.OneFunction(
            new FunctionType([], [.. results]),
            code =>
            {
                foreach (var operand in operands)
                {
                    code.Zero(operand);
                }

                code.Instruction(shape, alignment, lane);
            },
            memory);
        return WasmModule.Load(module, WasmLimits.Default).Error;
    }

    private static void Refused(WasmError? error, string message, string which)
    {
        error.ShouldNotBeNull(which);
        error.Kind.ShouldBe(WasmErrorKind.Invalid, which);
        error.Message.ShouldStartWith(message, Case.Sensitive, which);
    }
}
