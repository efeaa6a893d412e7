using System.Collections.Immutable;

namespace Gtc.Wasm;

/// <content>Types, imports, functions, tables, memories, globals and exports.</content>
internal sealed partial class ModuleDecoder
{
    private void ReadTypes(ref ByteReader section)
    {
        var types = ImmutableArray.CreateBuilder<FunctionType>();
        for (var left = section.Count(_limits.Types, "types"); left > 0; left--)
        {
            var place = section.Position;
            if (section.Byte() is not 0x60 and var found)
            {
                throw WasmFaultException.Malformed(place, $"malformed function type: it starts with 0x60, found 0x{found:x2}");
            }

            var parameters = ReadValueTypes(ref section, _limits.Parameters, "parameters");
            types.Add(new FunctionType(parameters, ReadValueTypes(ref section, _limits.Results, "results")));
        }

        _types = types.ToImmutable();
    }

    private static ImmutableArray<ValueType> ReadValueTypes(ref ByteReader section, int limit, string what)
    {
        var types = new ValueType[section.Count(limit, what)];
        for (var place = 0; place < types.Length; place++)
        {
            types[place] = ReadValueType(ref section);
        }

        return ImmutableArray.Create(types);
    }

    private void ReadImports(ref ByteReader section)
    {
        for (var left = section.Count(_limits.Imports, "imports"); left > 0; left--)
        {
            var module = section.Name(_limits.NameBytes);
            var name = section.Name(_limits.NameBytes);
            var place = section.Position;
            switch (section.Byte())
            {
                case 0:
                    var type = section.U32();
                    _imports.Add(new FunctionImport(module, name, type));
                    AddFunction(type, place);
                    break;
                case 1:
                    AddTable(ReadTableType(ref section), place);
                    _imports.Add(new TableImport(module, name, _tables[^1]));
                    break;
                case 2:
                    _memories.Add(new MemoryType(ReadSize(ref section)));
                    _imports.Add(new MemoryImport(module, name, _memories[^1]));
                    break;
                case 3:
                    AddGlobal(ReadGlobalType(ref section), place);
                    _imports.Add(new GlobalImport(module, name, _globals[^1]));
                    break;
                case var kind:
                    throw WasmFaultException.Malformed(place, $"malformed import kind {kind}");
            }
        }
    }

    private void ReadFunctions(ref ByteReader section)
    {
        for (var left = section.Count(_limits.Functions, "functions"); left > 0; left--)
        {
            AddFunction(section.U32(), section.Position);
        }
    }

    private void ReadTables(ref ByteReader section)
    {
        for (var left = section.Count(_limits.Tables, "tables"); left > 0; left--)
        {
            AddTable(ReadTableType(ref section), section.Position);
        }
    }

    private void ReadMemories(ref ByteReader section)
    {
        for (var left = section.Count(_limits.Sections, "memories"); left > 0; left--)
        {
            _memories.Add(new MemoryType(ReadSize(ref section)));
        }
    }

    private void ReadGlobals(ref ByteReader section)
    {
        var values = ImmutableArray.CreateBuilder<ConstantExpression>();
        for (var left = section.Count(_limits.Globals, "globals"); left > 0; left--)
        {
            AddGlobal(ReadGlobalType(ref section), section.Position);
            values.Add(ReadExpression(ref section));
        }

        _globalValues = values.ToImmutable();
    }

    private void ReadExports(ref ByteReader section)
    {
        var exports = ImmutableArray.CreateBuilder<Export>();
        for (var left = section.Count(_limits.Exports, "exports"); left > 0; left--)
        {
            var name = section.Name(_limits.NameBytes);
            var place = section.Position;
            var kind = section.Byte();
            if (kind > (byte)ExternalKind.Global)
            {
                throw WasmFaultException.Malformed(place, $"malformed export kind {kind}");
            }

            exports.Add(new Export(name, (ExternalKind)kind, section.U32()));
        }

        _exports = exports.ToImmutable();
    }

    private static TableType ReadTableType(ref ByteReader section)
    {
        var element = ReadReferenceType(ref section);
        return new TableType(element, ReadSize(ref section));
    }

    private static SizeLimits ReadSize(ref ByteReader section)
    {
        var place = section.Position;
        var flags = section.U32();
        return flags switch
        {
            0 => new SizeLimits(section.U32(), null),
            1 => new SizeLimits(section.U32(), section.U32()),
            _ => throw WasmFaultException.Malformed(place, $"malformed limits flags {flags}"),
        };
    }

    private static GlobalType ReadGlobalType(ref ByteReader section)
    {
        var type = ReadValueType(ref section);
        var place = section.Position;
        var mutability = section.Byte();
        return mutability <= 1
            ? new GlobalType(type, mutability == 1)
            : throw WasmFaultException.Malformed(place, $"malformed mutability {mutability}");
    }

    private void AddFunction(uint type, int place) =>
        Add(_functions, type, _limits.Functions, "functions", place);

    private void AddTable(TableType type, int place) =>
        Add(_tables, type, _limits.Tables, "tables", place);

    private void AddGlobal(GlobalType type, int place) =>
        Add(_globals, type, _limits.Globals, "globals", place);

    private static void Add<T>(ImmutableArray<T>.Builder items, T item, int limit, string what, int place)
    {
        if (items.Count >= limit)
        {
            throw WasmFaultException.TooLarge(place, $"more than {limit} {what}");
        }

        items.Add(item);
    }
}
