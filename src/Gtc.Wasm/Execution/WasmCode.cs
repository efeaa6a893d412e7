using System.Collections.Frozen;

namespace Gtc.Wasm;

/// <summary>A compiled module. It has no state of its own: any number of instances in any number of stores share it. Thread-safe.</summary>
public sealed class WasmCode
{
    private readonly SignatureStubs?[] _stubs;

    internal WasmCode(WasmModule module)
    {
        Module = module;
        Compiled = ModuleCompiler.Compile(module);
        Exports = module.Exports.ToFrozenDictionary(export => export.Name, StringComparer.Ordinal);
        MostResults = module.Types.IsEmpty ? 0 : module.Types.Max(type => type.Results.Length);
        _stubs = new SignatureStubs?[module.Types.Length];
    }

    /// <summary>The module.</summary>
    public WasmModule Module { get; }

    internal CompiledModule Compiled { get; }

    internal FrozenDictionary<string, Export> Exports { get; }

    internal int MostResults { get; }

    /// <summary>Makes an instance: links the imports, fills tables and memories from active segments, and runs the start function.</summary>
    /// <param name="store">Where the instance lives.</param>
    /// <param name="imports">What is offered; all of it belongs to the store.</param>
    /// <returns>
    /// The instance; or <see cref="WasmErrorKind.Unlinkable"/> when an import is missing or has another type, <see cref="WasmErrorKind.TooLarge"/> when the store's limits
    /// do not allow it, or <see cref="WasmErrorKind.Trapped"/> when a segment does not fit or the start function trapped. As the specification says, what a trapped
    /// instantiation has already written to imported tables and memories stays.
    /// </returns>
    public WasmResult<WasmInstance> Instantiate(WasmStore store, WasmImports imports)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(imports);
        ObjectDisposedException.ThrowIf(store.IsDisposed, store);
        return new Instantiation(this, store, imports).Run();
    }

    internal SignatureStubs StubsOf(uint type) => _stubs[type] ??= SignatureStubs.For(Module.Types[(int)type]);
}
