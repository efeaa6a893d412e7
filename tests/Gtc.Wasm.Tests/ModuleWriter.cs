using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.Intrinsics;
using System.Text;

namespace Gtc.Wasm.Tests;

/// <summary>Writes the binary format, right or wrong as the test wants it.</summary>
internal sealed class ModuleWriter
{
    private readonly List<byte> _bytes = [];

    public int Length => _bytes.Count;

    /// <summary>A module of one function and whatever else is given.</summary>
    public static byte[] OneFunction(FunctionType type, Action<ModuleWriter> code, bool memory = false, ValueType[]? locals = null)
    {
        var module = Start();
        module.Section(1, section => section.U32(1).Type(type));
        module.Section(3, section => section.U32(1).U32(0));
        if (memory)
        {
            module.Section(5, section => section.U32(1).Raw(0).U32(1));
        }

        module.Section(7, section => section.U32(1).Name("f").Raw(0).U32(0));
        module.Section(10, section => section.U32(1).Body(locals ?? [], code));
        return module.ToArray();
    }

    public static ModuleWriter Start() => new ModuleWriter().Raw("\0asm"u8).Raw([1, 0, 0, 0]);

    public ModuleWriter Raw(params ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public ModuleWriter U32(uint value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _bytes.Add((byte)(value | 0x80));
        }

        _bytes.Add((byte)value);
        return this;
    }

    public ModuleWriter S64(long value)
    {
        for (; value is < -64 or > 63; value >>= 7)
        {
            _bytes.Add((byte)(value | 0x80));
        }

        _bytes.Add((byte)(value & 0x7F));
        return this;
    }

    public ModuleWriter Name(string name) => U32((uint)Encoding.UTF8.GetByteCount(name)).Raw(Encoding.UTF8.GetBytes(name));

    public ModuleWriter Type(FunctionType type) => Raw(0x60).Types(type.Parameters).Types(type.Results);

    public ModuleWriter Types(ImmutableArray<ValueType> types)
    {
        U32((uint)types.Length);
        foreach (var type in types)
        {
            Raw((byte)type);
        }

        return this;
    }

    public ModuleWriter Section(byte number, Action<ModuleWriter> content) => Raw(number).Sized(content);

    public ModuleWriter Sized(Action<ModuleWriter> content)
    {
        var part = new ModuleWriter();
        content(part);
        return U32((uint)part.Length).Raw(part.ToArray());
    }

    /// <summary>A function's body; the closing end is added.</summary>
    public ModuleWriter Body(IReadOnlyCollection<ValueType> locals, Action<ModuleWriter> code) => Sized(body =>
    {
        body.U32((uint)locals.Count);
        foreach (var local in locals)
        {
            body.U32(1).Raw((byte)local);
        }

        code(body);
        body.Op(Opcode.End);
    });

    public ModuleWriter Op(Opcode opcode)
    {
        if ((ushort)opcode > 0xFF)
        {
            return Raw((byte)((ushort)opcode >> 8)).U32((byte)opcode);
        }

        return Raw((byte)opcode);
    }

    public ModuleWriter Op(Opcode opcode, uint index) => Op(opcode).U32(index);

    public ModuleWriter Op(Opcode opcode, uint first, uint second) => Op(opcode).U32(first).U32(second);

    public ModuleWriter I32(int value) => Op(Opcode.I32Const).S64(value);

    /// <summary>A constant with these bits; references are null.</summary>
    public ModuleWriter Constant(ValueType type, Vector128<byte> bits)
    {
        switch (type)
        {
            case ValueType.I32:
                return I32(bits.AsInt32().ToScalar());
            case ValueType.I64:
                return Op(Opcode.I64Const).S64(bits.AsInt64().ToScalar());
            case ValueType.F32:
                var single = new byte[4];
                BinaryPrimitives.WriteInt32LittleEndian(single, bits.AsInt32().ToScalar());
                return Op(Opcode.F32Const).Raw(single);
            case ValueType.F64:
                var number = new byte[8];
                BinaryPrimitives.WriteInt64LittleEndian(number, bits.AsInt64().ToScalar());
                return Op(Opcode.F64Const).Raw(number);
            case ValueType.V128:
                var vector = new byte[16];
                bits.CopyTo(vector);
                return Op(Opcode.V128Const).Raw(vector);
            default:
                return Op(Opcode.RefNull).Raw((byte)type);
        }
    }

    /// <summary>Zero, or the null reference.</summary>
    public ModuleWriter Zero(ValueType type) => Constant(type, default);

    /// <summary>The immediates that an instruction needs, the smallest valid ones.</summary>
    public ModuleWriter Instruction(InstructionShape shape, uint alignment = 0, byte lane = 0, uint index = 0)
    {
        Op(shape.Opcode);
        return shape.Immediate switch
        {
            Immediate.None => this,
            Immediate.Memory => U32(alignment).U32(0),
            Immediate.MemoryLane => U32(alignment).U32(0).Raw(lane),
            Immediate.Lane => Raw(lane),
            Immediate.Shuffle => Raw([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, lane]),
            Immediate.MemoryIndex => Raw(0),
            Immediate.MemoryPair => Raw(0, 0),
            Immediate.IndexThenMemory => U32(index).Raw(0),
            Immediate.I32 or Immediate.I64 => S64(0),
            Immediate.F32 => Raw(new byte[4]),
            Immediate.F64 => Raw(new byte[8]),
            Immediate.V128 => Raw(new byte[16]),
            _ => U32(index),
        };
    }

    public byte[] ToArray() => [.. _bytes];
}
