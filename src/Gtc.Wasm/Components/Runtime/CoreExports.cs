namespace Gtc.Wasm.Components;

/// <summary>A core instance: a module's, or a bundle that the component made.</summary>
internal interface ICoreExports
{
    /// <summary>Finds what checking proved to be there.</summary>
    WasmExternal Find(string name);
}

internal sealed class CoreInstanceExports(WasmInstance instance) : ICoreExports
{
    public WasmExternal Find(string name) => instance.Find(name)!;
}

internal sealed class CoreBundleExports(Dictionary<string, WasmExternal> exports) : ICoreExports
{
    public WasmExternal Find(string name) => exports[name];
}
