using System.Diagnostics.CodeAnalysis;

namespace Gtc.Wasm;

/// <summary>What is offered to a module under its two names. A later offer under the same names replaces an earlier one.</summary>
public sealed class WasmImports
{
    private readonly Dictionary<(string Module, string Name), WasmExternal> _offers = [];

    /// <summary>Offers something.</summary>
    /// <returns>This, so that offers can be chained.</returns>
    public WasmImports Add(string module, string name, WasmExternal value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _offers[(module, name)] = value;
        return this;
    }

    /// <summary>Offers everything that an instance exports.</summary>
    /// <returns>This, so that offers can be chained.</returns>
    public WasmImports AddExports(string module, WasmInstance instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        foreach (var export in instance.Module.Exports)
        {
            Add(module, export.Name, instance.Find(export.Name)!);
        }

        return this;
    }

    /// <summary>Finds an offer.</summary>
    public bool TryFind(string module, string name, [NotNullWhen(true)] out WasmExternal? value) => _offers.TryGetValue((module, name), out value);
}
