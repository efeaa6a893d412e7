using System.Collections.Immutable;

namespace Gtc.Wasm.Components;

/// <content>Type definitions.</content>
internal sealed partial class ComponentDecoder
{
    private void TypeDefinition(ref ByteReader reader)
    {
        var place = reader.Position;
        switch (reader.Byte())
        {
            case 0x3F:
                Resource(ref reader, place);
                break;
            case 0x40:
                _scope.Types.Add(Function(ref reader));
                break;
            case 0x41:
                _scope.Types.Add(ComponentDeclaration(ref reader));
                break;
            case 0x42:
                _scope.Types.Add(InstanceDeclaration(ref reader));
                break;
            case 0x43:
                throw Invalid(place, "async functions are not supported; they are not part of WASI 0.2");
            case var opcode:
                _scope.Types.Add(DefinedType(opcode, ref reader, place));
                break;
        }
    }

    private void Resource(ref ByteReader reader, int place)
    {
        if (!_scope.IsComponent)
        {
            throw Invalid(place, "a resource type can only be defined by a component, not in a type declaration");
        }

        if (reader.Byte() != 0x7F)
        {
            throw WasmFaultException.Malformed(place, "a resource is represented by i32 (0x7f)");
        }

        int? destructor = null;
        if (Flag(ref reader))
        {
            var index = reader.U32();
            var function = At(_scope.CoreFunctions, index, place, "core function");
            if (!function.Equals(OneInt))
            {
                throw Invalid(place, $"a destructor has the core type {OneInt}, not {function}");
            }

            destructor = (int)index;
        }

        var variable = _scope.NewResource($"resource {_scope.Types.Count}");
        _scope.OwnResources.Add(variable);
        _scope.Types.Add(variable);
        _scope.Definitions.Add(new Definition.DefineResource(variable.Slot, variable.Name, destructor));
    }

    private WitFunctionType Function(ref ByteReader reader)
    {
        var place = reader.Position;
        var (names, parameters) = Fields(ref reader, ComponentLimits.FunctionParameters, empty: true);
        WitType? result = null;
        switch (reader.Byte())
        {
            case 0:
                result = ValueTypeOf(ref reader);
                break;
            case 1 when reader.Byte() == 0:
                break;
            default:
                throw Invalid(place, "a function has one result or none; named results are not supported");
        }

        if (result is { HasBorrow: true })
        {
            throw Invalid(place, "a function's result may not hold a borrowed handle");
        }

        return new WitFunctionType(names, parameters, result);
    }

    private WitType DefinedType(byte opcode, ref ByteReader reader, int place)
    {
        switch (opcode)
        {
            case 0x72:
                var (names, parts) = Fields(ref reader, ComponentLimits.ListItems, empty: false);
                return WitType.Product.Of(names, parts);
            case 0x71:
                return Variant(ref reader, place);
            case 0x70:
                return WitType.ListOf(ValueTypeOf(ref reader));
            case 0x6F:
                return WitType.TupleOf(Types(ref reader, place));
            case 0x6E:
                var flags = Names(ref reader);
                return flags.Length <= 32 ? WitType.FlagsOf(flags.AsSpan()) : throw Invalid(place, $"flags have at most 32 names, these have {flags.Length}");
            case 0x6D:
                return WitType.EnumOf(Names(ref reader).AsSpan());
            case 0x6B:
                return WitType.OptionOf(ValueTypeOf(ref reader));
            case 0x6A:
                return WitType.ResultOf(OptionalType(ref reader), OptionalType(ref reader));
            case 0x69 or 0x68:
                var index = reader.U32();
                var resource = At(_scope.Types, index, place, "type") as ResourceKey ?? throw Invalid(place, $"type {index} is not a resource");
                return opcode == 0x69 ? WitType.OwnOf(resource) : WitType.BorrowOf(resource);
            default:
                return PrimitiveOf(opcode) ?? throw Invalid(place, $"unknown or unsupported type 0x{opcode:x2}");
        }
    }

    private static WitType? PrimitiveOf(long opcode) => opcode switch
    {
        0x7F => WitType.Bool,
        0x7E => WitType.S8,
        0x7D => WitType.U8,
        0x7C => WitType.S16,
        0x7B => WitType.U16,
        0x7A => WitType.S32,
        0x79 => WitType.U32,
        0x78 => WitType.S64,
        0x77 => WitType.U64,
        0x76 => WitType.F32,
        0x75 => WitType.F64,
        0x74 => WitType.Scalar,
        0x73 => WitType.Text,
        _ => null,
    };

    private WitType ValueTypeOf(ref ByteReader reader)
    {
        var place = reader.Position;
        var number = reader.S33();
        if (number < 0)
        {
            return PrimitiveOf(number & 0x7F) ?? throw Invalid(place, $"unknown or unsupported type 0x{number & 0x7F:x2}");
        }

        return At(_scope.Types, (uint)Math.Min(number, uint.MaxValue), place, "type") as WitType ?? throw Invalid(place, $"type {number} is not a value type");
    }

    private WitType? OptionalType(ref ByteReader reader) => Flag(ref reader) ? ValueTypeOf(ref reader) : null;

    private WitType[] Types(ref ByteReader reader, int place)
    {
        var count = reader.Count(ComponentLimits.ListItems, "types");
        if (count == 0)
        {
            throw Invalid(place, "a tuple has at least one part");
        }

        var types = new WitType[count];
        for (var i = 0; i < count; i++)
        {
            types[i] = ValueTypeOf(ref reader);
        }

        return types;
    }

    private WitType.Sum Variant(ref ByteReader reader, int place)
    {
        var count = reader.Count(ComponentLimits.ListItems, "cases");
        var names = new UniqueNames(count, place);
        var payloads = ImmutableArray.CreateBuilder<WitType?>(count);
        for (var i = 0; i < count; i++)
        {
            names.Add(Label(ref reader));
            payloads.Add(OptionalType(ref reader));
            if (reader.Byte() != 0)
            {
                throw Invalid(reader.Position - 1, "a case that refines another is not supported");
            }
        }

        return count > 0
            ? WitType.Sum.Of(SumKind.Variant, names.All, payloads.MoveToImmutable())
            : throw Invalid(place, "a variant has at least one case");
    }

    private (ImmutableArray<string> Names, ImmutableArray<WitType> Types) Fields(ref ByteReader reader, int limit, bool empty)
    {
        var place = reader.Position;
        var count = reader.Count(limit, "fields");
        if (count == 0 && !empty)
        {
            throw Invalid(place, "a record has at least one field");
        }

        var names = new UniqueNames(count, place);
        var types = ImmutableArray.CreateBuilder<WitType>(count);
        for (var i = 0; i < count; i++)
        {
            names.Add(Label(ref reader));
            types.Add(ValueTypeOf(ref reader));
        }

        return (names.All, types.MoveToImmutable());
    }

    private static ImmutableArray<string> Names(ref ByteReader reader)
    {
        var place = reader.Position;
        var count = reader.Count(ComponentLimits.ListItems, "names");
        var names = new UniqueNames(count, place);
        for (var i = 0; i < count; i++)
        {
            names.Add(Label(ref reader));
        }

        return count > 0 ? names.All : throw Invalid(place, "at least one name is needed");
    }

    private static string Label(ref ByteReader reader)
    {
        var place = reader.Position;
        var label = reader.Name(ComponentLimits.NameBytes);
        return ExternNames.IsLabel(label) ? label : throw Invalid(place, $"\"{label}\" is not a name of words joined by hyphens");
    }

    private static bool Flag(ref ByteReader reader) => reader.Byte() switch
    {
        0 => false,
        1 => true,
        var other => throw WasmFaultException.Malformed(reader.Position - 1, $"0 or 1 is needed, not {other}"),
    };

    private sealed class UniqueNames(int count, int place)
    {
        private readonly ImmutableArray<string>.Builder _names = ImmutableArray.CreateBuilder<string>(count);
        private readonly HashSet<string> _seen = new(StringComparer.OrdinalIgnoreCase);

        public ImmutableArray<string> All => _names.MoveToImmutable();

        public void Add(string name)
        {
            if (!_seen.Add(name))
            {
                throw Invalid(place, $"the name \"{name}\" is used twice");
            }

            _names.Add(name);
        }
    }
}
