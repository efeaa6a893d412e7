namespace Gtc.Wasm.Tests;

/// <summary>Every limit: one at it is accepted, one above it is refused as too large.</summary>
public sealed class Limits_are_kept
{
    private static readonly FunctionType Nothing = FunctionType.Empty;

    [Fact]
    public void Bytes_of_a_module() =>
        Bound(count => ModuleWriter.Start().Section(0, section => section.Name("x").Raw(new byte[count - 12])).ToArray(), 100, WasmLimits.Default with { ModuleBytes = 100 });

    [Fact]
    public void Guests_have_small_functions() =>
        Bound(count => Code(code => Repeat(code, count - 2, one => one.Op(Opcode.Nop))), 32 << 10, WasmLimits.Guest);

    [Fact]
    public void Guests_pass_few_values() =>
        Bound(count => List(1, 1, section => section.Type(new FunctionType([], [.. Enumerable.Repeat(ValueType.I32, count)]))), 8, WasmLimits.Guest);

    [Fact]
    public void Sections() =>
        Bound(count => Repeat(ModuleWriter.Start(), count, module => module.Section(0, section => section.Name("x"))).ToArray(), 5, WasmLimits.Default with { Sections = 5 });

    [Fact]
    public void Types() =>
        Bound(count => List(1, count, section => section.Type(Nothing)), 5, WasmLimits.Default with { Types = 5 });

    [Fact]
    public void Parameters() =>
        Bound(count => List(1, 1, section => section.Type(new FunctionType([.. Enumerable.Repeat(ValueType.I32, count)], []))), 5, WasmLimits.Default with { Parameters = 5 });

    [Fact]
    public void Results() =>
        Bound(count => List(1, 1, section => section.Type(new FunctionType([], [.. Enumerable.Repeat(ValueType.I32, count)]))), 5, WasmLimits.Default with { Results = 5 });

    [Fact]
    public void Imports() =>
        Bound(count => List(2, count, section => section.Name("a").Name("b").Raw(3, 0x7F, 0)), 5, WasmLimits.Default with { Imports = 5 });

    [Fact]
    public void Functions() =>
        Bound(FunctionsOf, 5, WasmLimits.Default with { Functions = 5 });

    [Fact]
    public void Tables() =>
        Bound(count => List(4, count, section => section.Raw(0x70, 0, 0)), 5, WasmLimits.Default with { Tables = 5 });

    [Fact]
    public void Globals() =>
        Bound(count => List(6, count, section => section.Raw(0x7F, 0).I32(0).Op(Opcode.End)), 5, WasmLimits.Default with { Globals = 5 });

    [Fact]
    public void Imported_and_own_globals_count_together() =>
        Bound(
            count => ModuleWriter.Start()
                .Section(2, section => section.U32(1).Name("a").Name("b").Raw(3, 0x7F, 0))
                .Section(6, section => Repeat(section.U32((uint)count - 1), count - 1, one => one.Raw(0x7F, 0).I32(0).Op(Opcode.End))).ToArray(),
            5,
            WasmLimits.Default with { Globals = 5 });

    [Fact]
    public void Exports()
    {
        Bound(
            count =>
            {
                var names = 0;
                return ModuleWriter.Start()
                    .Section(4, section => section.U32(1).Raw(0x70, 0, 0))
                    .Section(7, section => Repeat(section.U32((uint)count), count, one => one.Name($"{names++}").Raw(1, 0))).ToArray();
            },
            5,
            WasmLimits.Default with { Exports = 5 });
    }

    [Fact]
    public void Element_segments() =>
        Bound(count => List(9, count, section => section.Raw(1, 0, 0)), 5, WasmLimits.Default with { ElementSegments = 5 });

    [Fact]
    public void Elements_of_a_segment() =>
        Bound(count => List(9, 1, section => Repeat(section.Raw(5, 0x70).U32((uint)count), count, one => one.Raw(0xD0, 0x70, 0x0B))), 5, WasmLimits.Default with { SegmentElements = 5 });

    [Fact]
    public void Data_segments() =>
        Bound(count => List(11, count, section => section.Raw(1, 0)), 5, WasmLimits.Default with { DataSegments = 5 });

    [Fact]
    public void Bytes_of_a_function() =>
        Bound(count => Code(code => Repeat(code, count - 2, one => one.Op(Opcode.Nop))), 100, WasmLimits.Default with { FunctionBytes = 100 });

    [Fact]
    public void Locals() =>
        Bound(count => ModuleWriter.OneFunction(new FunctionType([ValueType.I32], []), _ => { }, locals: [.. Enumerable.Repeat(ValueType.I64, count - 1)]), 50, WasmLimits.Default with { Locals = 50 });

    [Fact]
    public void A_billion_locals_cost_nothing() =>
        WasmModule.Load(
            ModuleWriter.Start().Section(1, section => section.U32(1).Type(Nothing)).Section(3, section => section.U32(1).U32(0))
                .Section(10, section => section.U32(1).Sized(body => body.U32(1).U32(1_000_000_000).Raw(0x7B).Op(Opcode.End))).ToArray(),
            WasmLimits.Default).Error!.Kind.ShouldBe(WasmErrorKind.TooLarge);

    [Fact]
    public void Labels_of_a_br_table() =>
        Bound(count => Code(code => Repeat(code.I32(0).Op(Opcode.BrTable, (uint)count), count + 1, one => one.U32(0))), 50, WasmLimits.Default with { BranchTargets = 50 });

    [Fact]
    public void Nesting() =>
        Bound(
            count => Code(code => Repeat(Repeat(code, count, one => one.Op(Opcode.Block).Raw(0x40)), count, one => one.Op(Opcode.End))),
            50,
            WasmLimits.Default with { NestingDepth = 50 });

    [Fact]
    public void Operands() =>
        Bound(
            count => Code(code => Repeat(Repeat(code, count, one => one.I32(0)), count, one => one.Op(Opcode.Drop))),
            50,
            WasmLimits.Default with { OperandDepth = 50 });

    [Fact]
    public void Bytes_of_a_name() =>
        Bound(count => ModuleWriter.Start().Section(0, section => section.Name(new string('n', count))).ToArray(), 50, WasmLimits.Default with { NameBytes = 50 });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(11)]
    public void A_count_that_the_bytes_cannot_hold_is_refused_before_room_is_made(byte section)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = WasmModule.Load(ModuleWriter.Start().Section(section, content => content.U32(0xFFFFFFF)).ToArray(), WasmLimits.Default with { Functions = int.MaxValue }).Error;
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1 << 20);
        error!.Kind.ShouldBe(WasmErrorKind.Malformed);
    }

    private static void Bound(Func<int, byte[]> module, int limit, WasmLimits limits)
    {
        WasmModule.Load(module(limit), limits).Error.ShouldBeNull();
        WasmModule.Load(module(limit + 1), limits).Error.ShouldNotBeNull().Kind.ShouldBe(WasmErrorKind.TooLarge);
        WasmModule.Load(module(limit + 1), WasmLimits.Default).Error.ShouldBeNull("nothing else is wrong with it");
    }

    private static ModuleWriter Repeat(ModuleWriter writer, int count, Action<ModuleWriter> one)
    {
        for (var done = 0; done < count; done++)
        {
            one(writer);
        }

        return writer;
    }

    private static byte[] List(byte number, int count, Action<ModuleWriter> one) =>
        ModuleWriter.Start().Section(number, section => Repeat(section.U32((uint)count), count, one)).ToArray();

    private static byte[] FunctionsOf(int count) =>
        ModuleWriter.Start()
            .Section(1, section => section.U32(1).Type(Nothing))
            .Section(3, section => Repeat(section.U32((uint)count), count, one => one.U32(0)))
            .Section(10, section => Repeat(section.U32((uint)count), count, one => one.Body([], _ => { }))).ToArray();

    private static byte[] Code(Action<ModuleWriter> code) => ModuleWriter.OneFunction(Nothing, code);
}
