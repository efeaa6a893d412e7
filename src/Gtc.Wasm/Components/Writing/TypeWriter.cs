namespace Gtc.Wasm.Components;

/// <summary>
/// Writes value types into one index space of types (Binary.md, type definitions). What a name was given stands under its index: records, variants,
/// enums and flags may only be used by name.
/// </summary>
internal sealed class TypeWriter(Func<WasmBytes, int> define)
{
    private readonly Dictionary<WitType, int> _named = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<ResourceKey, int> _resources = new(ReferenceEqualityComparer.Instance);

    /// <summary>Says that a type has a name, and its index.</summary>
    public void Know(WitType type, int index)
    {
        // Another name for a primitive changes nothing, and all primitives of a kind are one object.
        if (type is not WitType.Primitive)
        {
            _named[type] = index;
        }
    }

    /// <summary>Says where a resource stands.</summary>
    public void Know(ResourceKey resource, int index) => _resources[resource] = index;

    /// <summary>Where a resource stands; null when it has no place yet.</summary>
    public int? Known(ResourceKey resource) => _resources.TryGetValue(resource, out var index) ? index : null;

    /// <summary>The index of a type that has a name; null when it has none or is a primitive.</summary>
    public int? Known(WitType type) => _named.TryGetValue(type, out var index) ? index : null;

    /// <summary>Defines a type and, before it, those without a name that it is made of.</summary>
    /// <returns>Its index.</returns>
    public int Define(WitType type) => define(Definition(type));

    /// <summary>Defines the type of a function.</summary>
    public int Define(WitFunctionType function)
    {
        var parameters = new WasmBytes();
        for (var i = 0; i < function.Parameters.Length; i++)
        {
            parameters.Name(function.Names[i]).Append(Reference(function.Parameters[i]));
        }

        var result = function.Result is { } type ? new WasmBytes().Add(0).Append(Reference(type)) : new WasmBytes().Add(1, 0);
        return define(new WasmBytes().Add(0x40).Number(function.Parameters.Length).Append(parameters).Append(result));
    }

    private WasmBytes Reference(WitType type) => type switch
    {
        _ when _named.TryGetValue(type, out var index) => new WasmBytes().Signed(index),
        WitType.Primitive primitive => new WasmBytes().Add(Code(primitive)),
        _ => new WasmBytes().Signed(Define(type)),
    };

    private WasmBytes Definition(WitType type) => type switch
    {
        WitType.Primitive primitive => new WasmBytes().Add(Code(primitive)),
        WitType.List list => new WasmBytes().Add(0x70).Append(Reference(list.Element)),
        WitType.Flags flags => Names(0x6E, flags.Names),
        WitType.Enumeration enumeration => Names(0x6D, enumeration.Names),
        WitType.Product { Names.IsDefault: true } tuple => Parts(0x6F, tuple.Parts.Length, index => Reference(tuple.Parts[index])),
        WitType.Product record => Parts(0x72, record.Parts.Length, index => new WasmBytes().Name(record.Names[index]).Append(Reference(record.Parts[index]))),
        WitType.Sum { Kind: SumKind.Option } option => new WasmBytes().Add(0x6B).Append(Reference(option.Payloads[1]!)),
        WitType.Sum { Kind: SumKind.Result } result => new WasmBytes().Add(0x6A).Append(Optional(result.Payloads[0])).Append(Optional(result.Payloads[1])),
        WitType.Sum variant => Parts(0x71, variant.Names.Length, index => new WasmBytes().Name(variant.Names[index]).Append(Optional(variant.Payloads[index])).Add(0)),
        WitType.Handle handle when Known(handle.Resource) is { } resource => new WasmBytes().Add(handle.Borrowed ? (byte)0x68 : (byte)0x69).Number(resource),
        _ => throw new WasmFaultException(new WasmError(WasmErrorKind.Invalid, -1, $"a component cannot be made with the type {type}: it exports no resources")),
    };

    private WasmBytes Optional(WitType? type) => type is null ? new WasmBytes().Add(0) : new WasmBytes().Add(1).Append(Reference(type));

    private static WasmBytes Parts(byte form, int count, Func<int, WasmBytes> part)
    {
        var parts = new WasmBytes();
        for (var i = 0; i < count; i++)
        {
            parts.Append(part(i));
        }

        return new WasmBytes().Add(form).Number(count).Append(parts);
    }

    private static WasmBytes Names(byte form, IReadOnlyList<string> names) => Parts(form, names.Count, index => new WasmBytes().Name(names[index]));

    private static byte Code(WitType.Primitive type) => (byte)(0x7F - (int)type.Kind);
}
