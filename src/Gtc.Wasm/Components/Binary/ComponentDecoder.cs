namespace Gtc.Wasm.Components;

/// <summary>
/// Reads a component (Binary.md, version 0x0d, layer 1) and checks it as it goes: whenever a definition is read, all that it may refer to is known.
/// </summary>
internal sealed partial class ComponentDecoder
{
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly WasmLimits _limits;
    private readonly CheckBudget _budget = new();
    private readonly TypeRules _rules;
    private int _definitions;
    private Scope _scope = new(null, isComponent: true);
    private int _nesting;

    private ComponentDecoder(ReadOnlyMemory<byte> bytes, WasmLimits limits)
    {
        _bytes = bytes;
        _limits = limits;
        _rules = new TypeRules(_budget);
    }

    /// <summary>True when the bytes begin as a component does; a core module differs in the second word.</summary>
    public static bool LooksLikeComponent(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= 8 && bytes[..4].SequenceEqual("\0asm"u8) && bytes[6] == 1 && bytes[7] == 0;

    /// <exception cref="WasmFaultException">The bytes are not a component that can be run.</exception>
    public static ComponentPlan Decode(ReadOnlyMemory<byte> bytes, WasmLimits limits)
    {
        if (bytes.Length > limits.ModuleBytes)
        {
            throw WasmFaultException.TooLarge(0, $"a component of {bytes.Length} bytes; at most {limits.ModuleBytes} are allowed");
        }

        var decoder = new ComponentDecoder(bytes, limits);
        var reader = new ByteReader(bytes.Span, 0, bytes.Length);
        return decoder.Component(ref reader, null);
    }

    private ComponentPlan Component(ref ByteReader reader, Scope? parent)
    {
        if (++_nesting > ComponentLimits.NestedComponents)
        {
            throw WasmFaultException.TooLarge(reader.Position, $"components are nested more than {ComponentLimits.NestedComponents} deep");
        }

        Preamble(ref reader);
        var scope = _scope = new Scope(parent, isComponent: true);
        while (!reader.IsAtEnd)
        {
            var place = reader.Position;
            var id = reader.Byte();
            var size = reader.U32();
            if (size > (uint)reader.Left)
            {
                throw WasmFaultException.Malformed(place, $"a section of {size} bytes where {reader.Left} are left");
            }

            var section = new ByteReader(_bytes.Span, reader.Position, reader.Position + (int)size);
            Section(id, place, ref section);
            if (!section.IsAtEnd)
            {
                throw WasmFaultException.Malformed(section.Position, $"section {id} has {section.Left} bytes too many");
            }

            reader.Take((int)size);
        }

        _nesting--;
        _scope = parent!;
        var exports = Located(reader.End, () => new Closing(_budget, [.. scope.ImportedResources]).Close(scope.Exports));
        return new ComponentPlan(new ComponentType(scope.Imports, exports), [.. scope.Definitions], scope.ResourceSlots);
    }

    private static void Preamble(ref ByteReader reader)
    {
        var place = reader.Position;
        if (reader.Left < 8 || !reader.Take(4).SequenceEqual("\0asm"u8))
        {
            throw WasmFaultException.Malformed(place, "a component begins with \\0asm and a version");
        }

        var version = reader.Take(4);
        if (!version.SequenceEqual((ReadOnlySpan<byte>)[0x0D, 0, 1, 0]))
        {
            throw WasmFaultException.Malformed(
                place + 4,
                version.SequenceEqual((ReadOnlySpan<byte>)[1, 0, 0, 0])
                    ? "a component is needed, and this is a core module; make a component of it with wasm-tools component new"
                    : $"version {version[0] | (version[1] << 8)} of layer {version[2] | (version[3] << 8)}; version 13 of layer 1 is understood");
        }
    }

    private void Section(byte id, int place, ref ByteReader section)
    {
        switch (id)
        {
            case 0:
                section.Name(ComponentLimits.NameBytes);
                section.Take(section.Left);
                return;
            case 1:
                CoreModule(ref section);
                return;
            case 4:
                Count(place);
                var nested = Component(ref section, _scope);
                _scope.Components.Add(nested.Type);
                _scope.Definitions.Add(new Definition.Nested(nested));
                return;
            case 9:
                throw WasmFaultException.Invalid(place, "start functions of components are not supported; they are not part of WASI 0.2");
            case 12:
                throw WasmFaultException.Invalid(place, "value definitions of components are not supported; they are not part of WASI 0.2");
            default:
                break;
        }

        if (id > 11)
        {
            throw WasmFaultException.Malformed(place, $"unknown section {id}");
        }

        var count = section.Count(ComponentLimits.ListItems, "definitions");
        for (var i = 0; i < count; i++)
        {
            var start = section.Position;
            Count(start);
            try
            {
                Item(id, ref section);
            }
            catch (WasmFaultException fault) when (fault.Error.Offset < 0)
            {
                throw new WasmFaultException(fault.Error with { Offset = start });
            }
        }
    }

    private void Item(byte id, ref ByteReader section)
    {
        switch (id)
        {
            case 2:
                CoreInstance(ref section);
                break;
            case 3:
                _scope.CoreTypes.Add(CoreType(ref section));
                break;
            case 5:
                Instance(ref section);
                break;
            case 6:
                Alias(ref section);
                break;
            case 7:
                TypeDefinition(ref section);
                break;
            case 8:
                Canonical(ref section);
                break;
            case 10:
                Import(ref section);
                break;
            default:
                Export(ref section);
                break;
        }
    }

    private void CoreModule(ref ByteReader section)
    {
        var start = section.Position;
        Count(start);
        var loaded = WasmModule.Load(_bytes.Slice(start, section.Left), _limits);
        if (!loaded.TryGet(out var module, out var error))
        {
            throw new WasmFaultException(error with { Offset = error.Offset < 0 ? start : start + error.Offset });
        }

        section.Take(section.Left);
        _scope.CoreModules.Add(CoreModuleType.Of(module));
        _scope.Definitions.Add(new Definition.CoreModule(module));
    }

    private void Count(int place)
    {
        if (++_definitions > ComponentLimits.Definitions)
        {
            throw WasmFaultException.TooLarge(place, $"more than {ComponentLimits.Definitions} definitions");
        }
    }

    private static T Located<T>(int place, Func<T> check)
    {
        try
        {
            return check();
        }
        catch (WasmFaultException fault) when (fault.Error.Offset < 0)
        {
            throw new WasmFaultException(fault.Error with { Offset = place });
        }
    }

    private static T At<T>(List<T> space, uint index, int place, string what) =>
        index < (uint)space.Count ? space[(int)index] : throw WasmFaultException.Invalid(place, $"{what} {index} does not exist; there are {space.Count}");

    private static WasmFaultException Invalid(int place, string message) => WasmFaultException.Invalid(place, message);
}
