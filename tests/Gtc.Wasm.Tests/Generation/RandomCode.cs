using System.Collections.Immutable;
using System.Runtime.Intrinsics;

namespace Gtc.Wasm.Tests;

/// <summary>The code of one function of a <see cref="RandomModule"/>: expressions of a wanted type, and statements that leave nothing.</summary>
/// <param name="module">Where it belongs.</param>
/// <param name="code">Where it is written.</param>
/// <param name="locals">Every local; the last six are scratch: one of each number type, and a reference.</param>
/// <param name="self">The function's index.</param>
/// <param name="callable">Functions below this one may be called.</param>
internal sealed partial class RandomCode(RandomModule module, ModuleWriter code, ValueType[] locals, int self, int callable)
{
    private const int MostDepth = 4;
    private const int MostBytes = 1_500;

    private static readonly ILookup<ValueType, InstructionShape> Computations = InstructionTable.All
        .Where(shape => shape.IsFixed && shape.Results.Length == 1 && shape.Immediate is Immediate.None or Immediate.Lane or Immediate.Shuffle or Immediate.Memory or Immediate.MemoryLane)
        .ToLookup(shape => shape.Results[0]);

    private static readonly InstructionShape[] Stores = [.. InstructionTable.All.Where(shape => shape.IsFixed && shape.Results.IsEmpty && shape.Width > 0)];

    // What the open blocks take when they are branched to, the outermost first; the function itself is the first.
    private readonly List<ValueType[]> _labels = [];

    public void Write(IReadOnlyList<ValueType> results)
    {
        _labels.Add([.. results]);
        Burn();
        for (var count = module.Below(5); count >= 0; count--)
        {
            Statement(0);
        }

        if (self > 0 && module.Chance(15) && Enumerable.Range(0, callable).Where(other => Results(other).SequenceEqual(results)).ToList() is { Count: > 0 } same)
        {
            var callee = module.Pick(same);
            Arguments(callee, 1);
            code.Op(Opcode.ReturnCall, (uint)callee);
            return;
        }

        Values(results, 0);
    }

    private static bool IsFloat(InstructionShape shape) =>
        shape.Operands.Concat(shape.Results).Any(type => type is ValueType.F32 or ValueType.F64) || shape.Name.Contains("f32x4", StringComparison.Ordinal) || shape.Name.Contains("f64x2", StringComparison.Ordinal);

    private InstructionShape AnyStore() => module.Pick(Stores.Where(shape => module.HasFloats || !IsFloat(shape)).ToList());

    private bool IsFull(int depth) => depth >= MostDepth || code.Length > MostBytes;

    private ImmutableArray<ValueType> Results(int function) => module.Functions[function].Results;

    private void Values(IEnumerable<ValueType> types, int depth)
    {
        foreach (var type in types)
        {
            Value(type, depth);
        }
    }

    private void Arguments(int function, int depth) => Values(module.Functions[function].Parameters, depth);

    private uint Scratch(ValueType type) => (uint)(locals.Length - 6 + type switch
    {
        ValueType.I32 => 0,
        ValueType.I64 => 1,
        ValueType.F32 => 2,
        ValueType.F64 => 3,
        ValueType.V128 => 4,
        _ => 5,
    });

    private uint AnyLocal(ValueType type)
    {
        // Not the scratch ones: they hold not-a-numbers whose bits are open.
        var found = Enumerable.Range(0, locals.Length - 6).Where(local => locals[local] == type).ToList();
        return (uint)module.Pick(found);
    }

    // Takes one from the budget; without any it traps.
    private void Burn()
    {
        code.Op(Opcode.GlobalGet, 0).Op(Opcode.I32Eqz).Op(Opcode.If).Raw(0x40).Op(Opcode.Unreachable).Op(Opcode.End);
        code.Op(Opcode.GlobalGet, 0).I32(1).Op(Opcode.I32Sub).Op(Opcode.GlobalSet, 0);
    }

    private void Value(ValueType type, int depth)
    {
        if (IsFull(depth))
        {
            Leaf(type);
            return;
        }

        switch (module.Below(20))
        {
            case 0 or 1 or 2:
                Leaf(type);
                break;
            case 3:
                Block(type, depth);
                break;
            case 4:
                Choice(type, depth);
                break;
            case 5:
                Loop(type, depth);
                break;
            case 6:
                Values([type, type, ValueType.I32], depth + 1);
                _ = module.Chance(50) ? code.Op(Opcode.Select) : code.Op(Opcode.SelectTyped).U32(1).Raw((byte)type);
                break;
            case 7:
                Value(type, depth + 1);
                code.Op(Opcode.LocalTee, AnyLocal(type));
                break;
            case 8 or 9:
                Call(type, depth);
                break;
            case 10 when type == ValueType.I32:
                Size(depth);
                break;
            default:
                Compute(type, depth);
                break;
        }
    }

    private void Leaf(ValueType type)
    {
        var globals = Enumerable.Range(1, module.Globals.Count - 1).Where(global => module.Globals[global] == type).ToList();
        if (globals.Count > 0 && module.Chance(30))
        {
            code.Op(Opcode.GlobalGet, (uint)module.Pick(globals));
        }
        else if (module.Chance(50))
        {
            code.Op(Opcode.LocalGet, AnyLocal(type));
        }
        else
        {
            code.Constant(type, module.Bits(type));
        }
    }

    private void Size(int depth)
    {
        switch (module.Below(5))
        {
            case 0:
                code.Op(Opcode.MemorySize).Raw(0);
                break;
            case 1:
                Value(ValueType.I32, depth + 1);
                code.I32(1).Op(Opcode.I32And).Op(Opcode.MemoryGrow).Raw(0);
                break;
            case 2:
                code.Op(Opcode.TableSize, 0);
                break;
            case 3:
                code.Op(Opcode.RefNull).Raw(0x70).I32(module.Below(3)).Op(Opcode.TableGrow, 0);
                break;
            default:
                code.I32(module.Below(9)).Op(Opcode.TableGet, 0).Op(Opcode.LocalTee, Scratch(ValueType.FuncRef)).Op(Opcode.RefIsNull);
                break;
        }
    }

    private void Call(ValueType type, int depth)
    {
        var direct = Enumerable.Range(0, callable).Where(function => Results(function).SequenceEqual([type])).ToList();
        var indirect = Enumerable.Range(0, callable > 0 ? 2 : 0).Where(function => Results(function).SequenceEqual([type])).ToList();
        if (indirect.Count > 0 && module.Chance(40))
        {
            var callee = module.Pick(indirect);
            Arguments(callee, depth + 1);
            Value(ValueType.I32, depth + 1);
            code.I32(7).Op(Opcode.I32And).Op(Opcode.CallIndirect, (uint)callee, 0);
        }
        else if (direct.Count > 0)
        {
            var callee = module.Pick(direct);
            Arguments(callee, depth + 1);
            code.Op(Opcode.Call, (uint)callee);
        }
        else
        {
            Compute(type, depth);
        }
    }

    private void Compute(ValueType type, int depth)
    {
        // Truncations trap on most numbers, so they are rare.
        var truncates = module.Chance(10);
        var shape = module.Pick(Computations[type]
            .Where(shape => (module.HasFloats || !IsFloat(shape)) && (truncates || !shape.Name.Contains(".trunc_f", StringComparison.Ordinal))).ToList());
        Operands(shape, depth);
        Write(shape);
        Canonicalize(shape);
    }

    // Addresses are mostly small, divisors mostly not zero: a trap should be an event.
    private void Operands(InstructionShape shape, int depth)
    {
        for (var place = 0; place < shape.Operands.Length; place++)
        {
            var type = shape.Operands[place];
            Value(type, depth + 1);
            if (place == 0 && shape.Width > 0 && shape.Immediate != Immediate.Lane && module.Chance(90))
            {
                code.I32(0x1FFF).Op(Opcode.I32And);
            }
            else if (place == 1 && shape.Opcode is Opcode.I32DivS or Opcode.I32DivU or Opcode.I32RemS or Opcode.I32RemU && module.Chance(90))
            {
                code.I32(1).Op(Opcode.I32Or);
            }
            else if (place == 1 && shape.Opcode is Opcode.I64DivS or Opcode.I64DivU or Opcode.I64RemS or Opcode.I64RemU && module.Chance(90))
            {
                code.Op(Opcode.I64Const).S64(1).Op(Opcode.I64Or);
            }
        }
    }

    private void Write(InstructionShape shape)
    {
        switch (shape.Immediate)
        {
            case Immediate.None:
                code.Op(shape.Opcode);
                break;
            case Immediate.Shuffle:
                code.Op(shape.Opcode);
                for (var lane = 0; lane < 16; lane++)
                {
                    code.Raw((byte)module.Below(32));
                }

                break;
            case Immediate.Lane:
                code.Op(shape.Opcode).Raw((byte)module.Below(16 / shape.Width));
                break;
            default:
                code.Op(shape.Opcode).U32(0).U32(module.Chance(95) ? (uint)module.Below(40) : uint.MaxValue - (uint)module.Below(70_000));
                _ = shape.Immediate == Immediate.MemoryLane ? code.Raw((byte)module.Below(16 / shape.Width)) : code;
                break;
        }
    }

    private void Canonicalize(InstructionShape shape)
    {
        var type = shape.Results[0];
        var lanes = shape.Name.StartsWith("f32x4", StringComparison.Ordinal) ? ValueType.F32 : shape.Name.StartsWith("f64x2", StringComparison.Ordinal) ? ValueType.F64 : ValueType.Unknown;
        if (shape.Width > 0)
        {
            return;
        }

        if (type is ValueType.F32 or ValueType.F64)
        {
            var nan = type == ValueType.F32 ? Vector128.Create(0x7FC00000).AsByte() : Vector128.Create(0x7FF8000000000000).AsByte();
            code.Op(Opcode.LocalTee, Scratch(type)).Constant(type, nan).Op(Opcode.LocalGet, Scratch(type)).Op(Opcode.LocalGet, Scratch(type));
            code.Op(type == ValueType.F32 ? Opcode.F32Eq : Opcode.F64Eq).Op(Opcode.Select);
        }
        else if (type == ValueType.V128 && lanes != ValueType.Unknown)
        {
            var nan = lanes == ValueType.F32 ? Vector128.Create(0x7FC00000).AsByte() : Vector128.Create(0x7FF8000000000000).AsByte();
            code.Op(Opcode.LocalTee, Scratch(type)).Constant(type, nan).Op(Opcode.LocalGet, Scratch(type)).Op(Opcode.LocalGet, Scratch(type));
            code.Op(lanes == ValueType.F32 ? Opcode.F32x4Eq : Opcode.F64x2Eq).Op(Opcode.V128Bitselect);
        }
    }
}
