using System.Collections.Immutable;

namespace Gtc.Wasm;

/// <summary>Reads the sections of a module (core specification 2.0, section 5.5). Code is not read here but when it is validated.</summary>
internal sealed partial class ModuleDecoder
{
    // By section number: the place in the order that the format demands. The data count (12) stands before the code (10).
    private static ReadOnlySpan<byte> Order => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 10];

    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly WasmLimits _limits;

    private readonly ImmutableArray<Import>.Builder _imports = ImmutableArray.CreateBuilder<Import>();
    private readonly ImmutableArray<uint>.Builder _functions = ImmutableArray.CreateBuilder<uint>();
    private readonly ImmutableArray<TableType>.Builder _tables = ImmutableArray.CreateBuilder<TableType>();
    private readonly ImmutableArray<MemoryType>.Builder _memories = ImmutableArray.CreateBuilder<MemoryType>();
    private readonly ImmutableArray<GlobalType>.Builder _globals = ImmutableArray.CreateBuilder<GlobalType>();
    private readonly ImmutableArray<CustomSection>.Builder _custom = ImmutableArray.CreateBuilder<CustomSection>();
    private ImmutableArray<FunctionType> _types = [];
    private ImmutableArray<ConstantExpression> _globalValues = [];
    private ImmutableArray<Export> _exports = [];
    private ImmutableArray<ElementSegment> _elements = [];
    private ImmutableArray<DataSegment> _data = [];
    private ImmutableArray<FunctionBody> _code = [];
    private uint? _start;
    private uint? _dataCount;

    public ModuleDecoder(ReadOnlyMemory<byte> bytes, WasmLimits limits)
    {
        _bytes = bytes;
        _limits = limits;
    }

    public WasmModule Decode()
    {
        if (_bytes.Length > _limits.ModuleBytes)
        {
            throw WasmFaultException.TooLarge(0, $"a module of {_bytes.Length} bytes; at most {_limits.ModuleBytes} are allowed");
        }

        var reader = new ByteReader(_bytes.Span, 0, _bytes.Length);
        ReadPreamble(ref reader);
        var sections = 0;
        byte last = 0;
        while (!reader.IsAtEnd)
        {
            if (++sections > _limits.Sections)
            {
                throw WasmFaultException.TooLarge(reader.Position, $"more than {_limits.Sections} sections");
            }

            ReadSection(ref reader, ref last);
        }

        return Finish();
    }

    internal static ValueType ReadValueType(ref ByteReader reader)
    {
        var place = reader.Position;
        var found = reader.Byte();
        return ValueTypes.IsKnown(found) ? (ValueType)found : throw WasmFaultException.Malformed(place, $"malformed value type 0x{found:x2}");
    }

    internal static ValueType ReadReferenceType(ref ByteReader reader)
    {
        var place = reader.Position;
        var found = (ValueType)reader.Byte();
        return found.IsReference() ? found : throw WasmFaultException.Malformed(place, $"malformed reference type 0x{(byte)found:x2}");
    }

    private static void ReadPreamble(ref ByteReader reader)
    {
        if (reader.Left < 4 || !reader.Take(4).SequenceEqual("\0asm"u8))
        {
            throw WasmFaultException.Malformed(0, "magic header not detected: a module starts with 00 61 73 6d");
        }

        if (reader.Left < 4 || reader.Fixed32() != 1)
        {
            throw WasmFaultException.Malformed(4, "unknown binary version: a core module has version 1");
        }
    }

    private void ReadSection(ref ByteReader reader, ref byte last)
    {
        var place = reader.Position;
        var number = reader.Byte();
        if (number >= Order.Length)
        {
            throw WasmFaultException.Malformed(place, $"malformed section id {number}");
        }

        var length = reader.U32();
        if (length > (uint)reader.Left)
        {
            throw WasmFaultException.Malformed(place, $"length out of bounds: section {number} claims {length} bytes where {reader.Left} are left");
        }

        if (number != 0)
        {
            last = Order[number] > last
                ? Order[number]
                : throw WasmFaultException.Malformed(place, $"unexpected content after last section: section {number} is repeated or out of order");
        }

        var start = reader.Position;
        var section = new ByteReader(_bytes.Span, start, start + (int)length);
        reader.Take((int)length);
        ReadContent(number, ref section);
        if (!section.IsAtEnd)
        {
            throw WasmFaultException.Malformed(section.Position, $"section size mismatch: {section.Left} bytes are left in section {number}");
        }
    }

    private void ReadContent(byte number, ref ByteReader section)
    {
        switch (number)
        {
            case 0:
                ReadCustom(ref section);
                break;
            case 1:
                ReadTypes(ref section);
                break;
            case 2:
                ReadImports(ref section);
                break;
            case 3:
                ReadFunctions(ref section);
                break;
            case 4:
                ReadTables(ref section);
                break;
            case 5:
                ReadMemories(ref section);
                break;
            case 6:
                ReadGlobals(ref section);
                break;
            case 7:
                ReadExports(ref section);
                break;
            case 8:
                _start = section.U32();
                break;
            case 9:
                ReadElements(ref section);
                break;
            case 10:
                ReadCode(ref section);
                break;
            case 11:
                ReadDataSegments(ref section);
                break;
            default:
                _dataCount = section.U32();
                break;
        }
    }

    private void ReadCustom(ref ByteReader section)
    {
        var name = section.Name(_limits.NameBytes);
        var start = section.Position;
        _custom.Add(new CustomSection(name, _bytes[start..section.End]));
        section.Take(section.Left);
    }

    private WasmModule Finish()
    {
        var imported = (Functions: 0, Tables: 0, Memories: 0, Globals: 0);
        foreach (var import in _imports)
        {
            imported.Functions += import is FunctionImport ? 1 : 0;
            imported.Tables += import is TableImport ? 1 : 0;
            imported.Memories += import is MemoryImport ? 1 : 0;
            imported.Globals += import is GlobalImport ? 1 : 0;
        }

        if (_functions.Count - imported.Functions != _code.Length)
        {
            throw WasmFaultException.Malformed(
                _bytes.Length, $"function and code section have inconsistent lengths: {_functions.Count - imported.Functions} and {_code.Length}");
        }

        if (_dataCount is { } count && count != _data.Length)
        {
            throw WasmFaultException.Malformed(_bytes.Length, $"data count and data section have inconsistent lengths: {count} and {_data.Length}");
        }

        return new WasmModule(_bytes)
        {
            Types = _types,
            Imports = _imports.ToImmutable(),
            Functions = _functions.ToImmutable(),
            Tables = _tables.ToImmutable(),
            Memories = _memories.ToImmutable(),
            Globals = _globals.ToImmutable(),
            GlobalValues = _globalValues,
            Exports = _exports,
            Start = _start,
            Elements = _elements,
            Data = _data,
            DataCount = _dataCount,
            Code = _code,
            CustomSections = _custom.ToImmutable(),
            ImportedFunctions = imported.Functions,
            ImportedTables = imported.Tables,
            ImportedMemories = imported.Memories,
            ImportedGlobals = imported.Globals,
        };
    }
}
