using System.Collections.Immutable;
using System.Runtime.Intrinsics;

namespace Gtc.Wasm.Tests;

/// <summary>
/// A valid module made from a seed. It always ends: every loop and every function takes from a budget and traps when it is used up. Not-a-numbers that are computed
/// are made canonical at once, because the specification leaves their bits open; so two right engines agree on every bit.
/// Exports: f0, f1, … (the functions), memory, and refill (sets the budget).
/// </summary>
internal sealed class RandomModule
{
    private const int LeafFunctions = 2;
    private const int Rounds = 40;
    private static readonly ValueType[] Numbers = [ValueType.I32, ValueType.I64, ValueType.F32, ValueType.F64, ValueType.V128];

    private readonly Random _random;

    private RandomModule(int seed)
    {
        _random = new Random(seed);
        HasFloats = seed % 3 != 0;
    }

    public bool HasFloats { get; }

    public List<FunctionType> Functions { get; } = [];

    /// <summary>The types of the globals; the first one is the budget.</summary>
    public List<ValueType> Globals { get; } = [ValueType.I32];

    /// <summary>Makes a module; the same seed gives the same bytes. A seed that three divides gives one without floating-point numbers.</summary>
    public static byte[] From(int seed) => new RandomModule(seed).Write();

    public ValueType AnyType() => HasFloats ? Pick(Numbers) : Pick([ValueType.I32, ValueType.I64, ValueType.I32, ValueType.V128]);

    public T Pick<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    public bool Chance(int percent) => _random.Next(100) < percent;

    public int Below(int bound) => _random.Next(bound);

    /// <summary>Bits with a liking for edges.</summary>
    public Vector128<byte> Bits(ValueType type)
    {
        if (type is ValueType.F32 or ValueType.F64 or ValueType.V128 && Chance(60))
        {
            double[] numbers = [0, -0.0, 1, -1.5, 0.5, 1e10, -3e38, double.PositiveInfinity, 2147483648, -2147483649, 9.3e18, 1e-40, _random.NextDouble() * 1000];
            return type == ValueType.F64 ? Vector128.Create(Pick(numbers)).AsByte() : Vector128.Create((float)Pick(numbers), (float)Pick(numbers), 1, 2).AsByte();
        }

        var (low, high) = (_random.NextInt64(), _random.NextInt64());
        return Below(4) switch
        {
            0 => Vector128.Create(low, high).AsByte(),
            1 => Vector128.Create((low & 0xFF) - 128, high & 0xFF).AsByte(),
            2 => Vector128.Create(Pick([0L, 1, -1, int.MaxValue, int.MinValue, long.MinValue, long.MaxValue, 0x80, 0x8000, 31, 32, 63, 64]), high).AsByte(),
            _ => Vector128.Create(1L << Below(64), 1L << Below(64)).AsByte(),
        };
    }

    private byte[] Write()
    {
        var count = LeafFunctions + Below(4);
        for (var function = 0; function < count; function++)
        {
            Functions.Add(new FunctionType(Types(4), Types(Chance(80) ? 1 : 3)));
        }

        Globals.AddRange(Types(5));
        var module = ModuleWriter.Start();
        module.Section(1, section => Each(section.U32((uint)count + 1), Functions, (one, type) => one.Type(type)).Type(new FunctionType([], [])));
        module.Section(3, section => Each(section.U32((uint)count + 1), Enumerable.Range(0, count + 1), (one, type) => one.U32((uint)type)));
        module.Section(4, section => section.U32(1).Raw(0x70, 1, 6, 12));
        module.Section(5, section => section.U32(1).Raw(1, 1, 3));
        module.Section(6, section => Each(section.U32((uint)Globals.Count), Globals, (one, type) => one.Raw((byte)type, 1).Constant(type, type == Globals[0] ? default : Bits(type)).Op(Opcode.End)));
        module.Section(7, section => Each(section.U32((uint)count + 2), Enumerable.Range(0, count), (one, function) => one.Name($"f{function}").Raw(0).U32((uint)function))
            .Name("memory").Raw(2, 0).Name("refill").Raw(0).U32((uint)count));

        // Only leaves stand in the table, so that an indirect call cannot recurse.
        module.Section(9, section => section.U32(2).Raw(0).I32(1).Op(Opcode.End).U32(3).U32(0).U32(1).U32(0).Raw(1, 0).U32(2).U32(1).U32(0));
        module.Section(12, section => section.U32(2));
        module.Section(10, section => Each(section.U32((uint)count + 1), Enumerable.Range(0, count), Body).Body([], Refill));
        module.Section(11, section => section.U32(2).Raw(0).I32(16).Op(Opcode.End).U32(32).Raw(Bytes(32)).Raw(1).U32(64).Raw(Bytes(64)));
        return module.ToArray();
    }

    private static void Refill(ModuleWriter code) => code.I32(Rounds).Op(Opcode.GlobalSet, 0);

    private void Body(ModuleWriter section, int function)
    {
        var type = Functions[function];
        ValueType[] locals = [.. type.Parameters, .. Types(4), .. Numbers, .. Numbers, ValueType.FuncRef];
        section.Body(
            [.. locals.Skip(type.Parameters.Length)],
            code => new RandomCode(this, code, locals, function, function < LeafFunctions ? 0 : function).Write(type.Results));
    }

    private ImmutableArray<ValueType> Types(int most) => [.. Enumerable.Range(0, Below(most + 1)).Select(_ => AnyType())];

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }

    private static ModuleWriter Each<T>(ModuleWriter writer, IEnumerable<T> items, Action<ModuleWriter, T> write)
    {
        foreach (var item in items)
        {
            write(writer, item);
        }

        return writer;
    }
}
