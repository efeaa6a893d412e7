using System.Collections.Immutable;

namespace Gtc.Wasm.Components;

/// <content>Component types, instance types and core types.</content>
internal sealed partial class ComponentDecoder
{
    private InstanceType InstanceDeclaration(ref ByteReader reader)
    {
        var scope = Declarations(ref reader, imports: false);
        return new InstanceType(scope.Exports);
    }

    private ComponentType ComponentDeclaration(ref ByteReader reader)
    {
        var scope = Declarations(ref reader, imports: true);
        return new ComponentType(scope.Imports, scope.Exports);
    }

    private Scope Declarations(ref ByteReader reader, bool imports)
    {
        if (++_nesting > ComponentLimits.NestedComponents)
        {
            throw WasmFaultException.TooLarge(reader.Position, $"type declarations are nested more than {ComponentLimits.NestedComponents} deep");
        }

        var outer = _scope;
        var scope = _scope = new Scope(outer, isComponent: false);
        var count = reader.Count(ComponentLimits.ListItems, "declarations");
        for (var i = 0; i < count; i++)
        {
            var place = reader.Position;
            Count(place);
            switch (reader.Byte())
            {
                case 0:
                    scope.CoreTypes.Add(CoreType(ref reader));
                    break;
                case 1:
                    TypeDefinition(ref reader);
                    break;
                case 2:
                    Alias(ref reader);
                    break;
                case 3 when imports:
                    Import(ref reader);
                    break;
                case 4:
                    DeclaredExport(ref reader);
                    break;
                case var other:
                    throw WasmFaultException.Malformed(place, $"unknown declaration {other}");
            }
        }

        _nesting--;
        _scope = outer;
        return scope;
    }

    private object CoreType(ref ByteReader reader)
    {
        var place = reader.Position;
        return reader.Byte() switch
        {
            0x60 => CoreFunction(ref reader),
            0x50 => CoreModuleDeclaration(ref reader),
            var other => throw Invalid(place, $"unknown or unsupported core type 0x{other:x2}"),
        };
    }

    private FunctionType CoreFunction(ref ByteReader reader) =>
        new(CoreValues(ref reader, _limits.Parameters), CoreValues(ref reader, _limits.Results));

    private static ImmutableArray<ValueType> CoreValues(ref ByteReader reader, int limit)
    {
        var count = reader.Count(limit, "core types");
        var types = ImmutableArray.CreateBuilder<ValueType>(count);
        for (var i = 0; i < count; i++)
        {
            types.Add(CoreValue(ref reader));
        }

        return types.MoveToImmutable();
    }

    private static ValueType CoreValue(ref ByteReader reader)
    {
        var value = reader.Byte();
        return ValueTypes.IsKnown(value) ? (ValueType)value : throw WasmFaultException.Malformed(reader.Position - 1, $"unknown core type 0x{value:x2}");
    }

    private CoreModuleType CoreModuleDeclaration(ref ByteReader reader)
    {
        var types = new List<object>();
        var imports = ImmutableArray.CreateBuilder<(string, string, CoreExternType)>();
        var exports = new Dictionary<string, CoreExternType>();
        var count = reader.Count(ComponentLimits.ListItems, "declarations");
        for (var i = 0; i < count; i++)
        {
            var place = reader.Position;
            Count(place);
            switch (reader.Byte())
            {
                case 0:
                    imports.Add((reader.Name(ComponentLimits.NameBytes), reader.Name(ComponentLimits.NameBytes), CoreExtern(ref reader, types)));
                    break;
                case 1:
                    types.Add(CoreType(ref reader) as FunctionType ?? throw Invalid(place, "a core module type holds function types only"));
                    break;
                case 2:
                    types.Add(CoreOuter(ref reader, types, place));
                    break;
                case 3 when exports.TryAdd(reader.Name(ComponentLimits.NameBytes), CoreExtern(ref reader, types)):
                    break;
                case var other:
                    throw Invalid(place, $"unknown declaration {other}, or a name that is exported twice");
            }
        }

        return new CoreModuleType(imports.ToImmutable(), exports);
    }

    private object CoreOuter(ref ByteReader reader, List<object> types, int place)
    {
        if (reader.Byte() != 0x10 || reader.Byte() != 0x01)
        {
            throw WasmFaultException.Malformed(place, "a core module type can only alias outer types");
        }

        var depth = reader.U32();
        var index = reader.U32();
        var space = depth == 0 ? types : Enclosing(depth - 1, place).CoreTypes;
        return At(space, index, place, "core type") as FunctionType ?? throw Invalid(place, $"core type {index} is not a function type");
    }

    private static CoreExternType CoreExtern(ref ByteReader reader, List<object> types)
    {
        var place = reader.Position;
        switch (reader.Byte())
        {
            case 0:
                var index = reader.U32();
                return CoreExternType.Of(At(types, index, place, "core type") as FunctionType ?? throw Invalid(place, $"core type {index} is not a function type"));
            case 1:
                return CoreExternType.Of(new TableType(CoreValue(ref reader), Sizes(ref reader)));
            case 2:
                return CoreExternType.Of(new MemoryType(Sizes(ref reader)));
            case 3:
                return CoreExternType.Of(new GlobalType(CoreValue(ref reader), Flag(ref reader)));
            case var other:
                throw WasmFaultException.Malformed(place, $"unknown core sort {other}");
        }
    }

    private static SizeLimits Sizes(ref ByteReader reader) => Flag(ref reader) ? new(reader.U32(), reader.U32()) : new(reader.U32(), null);

    private Scope Enclosing(uint depth, int place)
    {
        var scope = _scope;
        for (uint i = 0; i < depth; i++)
        {
            scope = scope.Parent ?? throw Invalid(place, $"there are only {i} enclosing components, not {depth}");
        }

        return scope;
    }
}
