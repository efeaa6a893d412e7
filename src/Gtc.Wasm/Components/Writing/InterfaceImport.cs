namespace Gtc.Wasm.Components;

/// <summary>Writes the type of an imported interface: its named types, then the functions that are called (Binary.md, instance declarations).</summary>
internal sealed class InterfaceImport
{
    private readonly WasmBytes _declarations = new();
    private readonly TypeWriter _types;
    private int _count;
    private int _typeCount;

    private InterfaceImport() => _types = new TypeWriter(Define);

    /// <summary>The definition of the instance type.</summary>
    /// <param name="described">The interface.</param>
    /// <param name="functions">The functions that are called; none when only its types are used.</param>
    /// <param name="typeOf">The index, outside, of a type of another interface.</param>
    public static WasmBytes Definition(WitInterface described, IEnumerable<string> functions, Func<(string Interface, string Name), int> typeOf)
    {
        var import = new InterfaceImport();
        foreach (var (name, entity) in described.Types)
        {
            var outer = described.Uses.TryGetValue(name, out var origin) ? import.Outer(typeOf(origin)) : (int?)null;
            if (entity is ResourceKey resource)
            {
                import.Export(name, resource, outer);
            }
            else if (entity is WitType type)
            {
                import.Export(name, type, outer ?? import._types.Define(type));
            }
        }

        foreach (var name in functions)
        {
            var type = import._types.Define(described.Functions[name]);
            import.Declare(new WasmBytes().Add(4, 0).Name(name).Add(1).Number(type));
        }

        return new WasmBytes().Add(0x42).Number(import._count).Append(import._declarations);
    }

    private int Outer(int index)
    {
        Declare(new WasmBytes().Add(2, 3, 2, 1).Number(index));
        return _typeCount++;
    }

    private int Define(WasmBytes definition)
    {
        Declare(new WasmBytes().Add(1).Append(definition));
        return _typeCount++;
    }

    // An export of a type is a new type that is equal to the old one; what follows speaks of the new one.
    private void Export(string name, WitType type, int index)
    {
        Declare(new WasmBytes().Add(4, 0).Name(name).Add(3, 0).Number(index));
        _types.Know(type, _typeCount++);
    }

    // A resource of the interface's own is a new type; another name for one is equal to it.
    private void Export(string name, ResourceKey resource, int? outer)
    {
        var same = outer ?? _types.Known(resource);
        Declare(same is { } index ? new WasmBytes().Add(4, 0).Name(name).Add(3, 0).Number(index) : new WasmBytes().Add(4, 0).Name(name).Add(3, 1));
        _types.Know(resource, _typeCount++);
    }

    private void Declare(WasmBytes declaration)
    {
        _declarations.Append(declaration);
        _count++;
    }
}
