using System.Runtime.Intrinsics;

namespace Gtc.Wasm;

/// <summary>
/// Walks over instructions, one <see cref="Read"/> at a time, without allocating. After it, the opcode and those properties are set that the instruction's
/// <see cref="InstructionShape.Immediate"/> stands for. Wrong bytes end the reading with a <see cref="WasmFaultException"/>; validated code never does.
/// </summary>
internal ref struct InstructionReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private ByteReader _reader;
    private int _targetsAt;
    private int _targetCount;

    public InstructionReader(ReadOnlySpan<byte> module, int offset, int length)
    {
        _bytes = module[..(offset + length)];
        _reader = new ByteReader(module, offset, offset + length);
        Shape = InstructionTable.Of(Opcode.Nop);
    }

    /// <summary>The instruction that was read.</summary>
    public readonly Opcode Opcode => Shape.Opcode;

    /// <summary>Its row in the table.</summary>
    public InstructionShape Shape { get; private set; }

    /// <summary>Where it starts, in bytes from the start of the module.</summary>
    public int Offset { get; private set; }

    /// <summary>Where the next one starts.</summary>
    public readonly int Position => _reader.Position;

    /// <summary>The label, function, local, global, table, segment; the type of an indirect call; the table that table.copy writes.</summary>
    public uint Index { get; private set; }

    /// <summary>The table of an indirect call or of table.init; the table that table.copy reads.</summary>
    public uint SecondIndex { get; private set; }

    /// <summary>The bits of a constant; those of i32.const sign-extended, those of f32.const in the low half.</summary>
    public long Constant { get; private set; }

    /// <summary>The bytes of v128.const, or the lane numbers of a shuffle.</summary>
    public Vector128<byte> Vector { get; private set; }

    /// <summary>The exponent of the promised alignment.</summary>
    public uint Alignment { get; private set; }

    /// <summary>The offset that a load or store adds to its address.</summary>
    public uint MemoryOffset { get; private set; }

    /// <summary>The lane of a lane instruction.</summary>
    public byte Lane { get; private set; }

    /// <summary>The type of a block.</summary>
    public BlockType Block { get; private set; }

    /// <summary>The type of a null reference, or the first type of a typed select.</summary>
    public ValueType Type { get; private set; }

    /// <summary>How many types a typed select states; one is valid.</summary>
    public int TypeCount { get; private set; }

    /// <summary>The labels of a br_table.</summary>
    public readonly BranchTargets Targets => new(_bytes, _targetsAt, _targetCount);

    /// <summary>Reads the next instruction.</summary>
    /// <returns>False at the end of the range.</returns>
    public bool Read()
    {
        if (_reader.IsAtEnd)
        {
            return false;
        }

        Offset = _reader.Position;
        int code = _reader.Byte();
        if (code is 0xFC or 0xFD)
        {
            var number = _reader.U32();
            code = number <= 0xFF ? (code << 8) | (int)number : throw Illegal(code, number);
        }

        Shape = InstructionTable.Find((Opcode)code) ?? throw Illegal(code, null);
        if (Shape.Immediate != Immediate.None)
        {
            ReadImmediate(Shape.Immediate);
        }

        return true;
    }

    private void ReadImmediate(Immediate immediate)
    {
        switch (immediate)
        {
            case Immediate.Index:
                Index = _reader.U32();
                break;
            case Immediate.IndexPair:
                Index = _reader.U32();
                SecondIndex = _reader.U32();
                break;
            case Immediate.I32:
                Constant = _reader.S32();
                break;
            case Immediate.I64:
                Constant = _reader.S64();
                break;
            case Immediate.F32:
                Constant = _reader.Fixed32();
                break;
            case Immediate.F64:
                Constant = (long)_reader.Fixed64();
                break;
            case Immediate.Block:
                Block = ReadBlockType(ref _reader);
                break;
            case Immediate.BranchTable:
                ReadTargets();
                break;
            default:
                ReadRare(immediate);
                break;
        }
    }

    private void ReadRare(Immediate immediate)
    {
        switch (immediate)
        {
            case Immediate.Memory or Immediate.MemoryLane:
                Alignment = _reader.U32();
                if (Alignment >= 64)
                {
                    throw WasmFaultException.Malformed(Offset, $"malformed memop flags: alignment 2^{Alignment}");
                }

                MemoryOffset = _reader.U32();
                Lane = immediate == Immediate.MemoryLane ? _reader.Byte() : (byte)0;
                break;
            case Immediate.MemoryIndex:
                ReadZero();
                break;
            case Immediate.MemoryPair:
                ReadZero();
                ReadZero();
                break;
            case Immediate.IndexThenMemory:
                Index = _reader.U32();
                ReadZero();
                break;
            case Immediate.V128 or Immediate.Shuffle:
                Vector = Vector128.Create(_reader.Take(16));
                break;
            case Immediate.Lane:
                Lane = _reader.Byte();
                break;
            case Immediate.RefType:
                Type = ModuleDecoder.ReadReferenceType(ref _reader);
                break;
            default:
                ReadSelectTypes();
                break;
        }
    }

    private void ReadZero()
    {
        var place = _reader.Position;
        if (_reader.Byte() is not 0 and var found)
        {
            throw WasmFaultException.Malformed(place, $"zero byte expected after {Shape.Name}, found 0x{found:x2}");
        }
    }

    private void ReadTargets()
    {
        var count = _reader.Count(int.MaxValue, "labels");
        _targetsAt = _reader.Position;
        _targetCount = count + 1;
        for (var label = 0; label <= count; label++)
        {
            Index = _reader.U32();
        }
    }

    private void ReadSelectTypes()
    {
        TypeCount = _reader.Count(int.MaxValue, "types");
        Type = ValueType.Unknown;
        for (var place = 0; place < TypeCount; place++)
        {
            var type = ModuleDecoder.ReadValueType(ref _reader);
            Type = place == 0 ? type : Type;
        }
    }

    private static BlockType ReadBlockType(ref ByteReader reader)
    {
        var place = reader.Position;
        var first = reader.Peek();
        if (first == 0x40 || ValueTypes.IsKnown(first))
        {
            reader.Byte();
            return new BlockType(-1, first == 0x40 ? ValueType.Unknown : (ValueType)first);
        }

        var index = reader.S33();
        return index is >= 0 and <= int.MaxValue
            ? new BlockType((int)index, ValueType.Unknown)
            : throw WasmFaultException.Malformed(place, $"malformed block type {index}");
    }

    private readonly WasmFaultException Illegal(int code, uint? number) =>
        WasmFaultException.Malformed(Offset, number is { } rest ? $"illegal opcode 0x{code:x2} {rest}" : $"illegal opcode 0x{code:x2}");
}
