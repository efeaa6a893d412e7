namespace Gtc.Wasm;

/// <summary>What a module can import and an instance can export: a function, memory, table or global. It belongs to one store.</summary>
public abstract class WasmExternal
{
    private protected WasmExternal(WasmStore store) => Store = store;

    /// <summary>The store that it lives in.</summary>
    public WasmStore Store { get; }

    /// <summary>What it is.</summary>
    public abstract ExternalKind Kind { get; }
}
