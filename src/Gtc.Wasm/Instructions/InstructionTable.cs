using System.Collections.Immutable;

namespace Gtc.Wasm;

/// <summary>The instructions by opcode: one table for the validator, the compiler and every test.</summary>
internal static partial class InstructionTable
{
    private static readonly InstructionShape?[] OneByte = Place(Core(), 0x00);
    private static readonly InstructionShape?[] Prefixed = Place(Core(), 0xFC);
    private static readonly InstructionShape?[] Vectors = Place(Vector(), 0xFD);

    /// <summary>Every instruction, by opcode.</summary>
    public static ImmutableArray<InstructionShape> All { get; } = [.. Core(), .. Vector()];

    /// <summary>The shape of an instruction, or null when there is none with this opcode.</summary>
    public static InstructionShape? Find(Opcode opcode) => ((ushort)opcode >> 8) switch
    {
        0x00 => OneByte[(byte)opcode],
        0xFC => Prefixed[(byte)opcode],
        0xFD => Vectors[(byte)opcode],
        _ => null,
    };

    /// <summary>The shape of an instruction that exists.</summary>
    public static InstructionShape Of(Opcode opcode) => Find(opcode) ?? throw new ArgumentOutOfRangeException(nameof(opcode), opcode, "There is no such instruction.");

    // A signature lists the operands, a colon and the result: i, l, f, d and v are i32, i64, f32, f64 and v128.
    private static InstructionShape Row(Opcode opcode, string name, string? signature, Immediate immediate = Immediate.None, byte width = 0)
    {
        var colon = signature?.IndexOf(':', StringComparison.Ordinal) ?? 0;
        return new()
        {
            Opcode = opcode,
            Name = name,
            Immediate = immediate,
            IsFixed = signature is not null,
            Operands = signature is null ? [] : Types(signature[..colon]),
            Results = signature is null ? [] : Types(signature[(colon + 1)..]),
            Width = width,
        };
    }

    private static ImmutableArray<ValueType> Types(string letters) => [.. letters.Select(letter => letter switch
    {
        'i' => ValueType.I32,
        'l' => ValueType.I64,
        'f' => ValueType.F32,
        'd' => ValueType.F64,
        _ => ValueType.V128,
    })];

    private static InstructionShape?[] Place(InstructionShape[] shapes, int prefix)
    {
        var places = new InstructionShape?[256];
        foreach (var shape in shapes.Where(shape => (ushort)shape.Opcode >> 8 == prefix))
        {
            places[(byte)shape.Opcode] = shape;
        }

        return places;
    }
}
