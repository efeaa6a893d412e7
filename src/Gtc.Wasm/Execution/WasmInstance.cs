namespace Gtc.Wasm;

/// <summary>A module that runs: its own memories, tables and globals, and what it imported. It lives in a store, with its thread rule.</summary>
public sealed class WasmInstance
{
    private readonly InstanceState _state;

    internal WasmInstance(InstanceState state) => _state = state;

    /// <summary>The module.</summary>
    public WasmModule Module => _state.Code.Module;

    /// <summary>The code that runs.</summary>
    public WasmCode Code => _state.Code;

    /// <summary>The store that it lives in.</summary>
    public WasmStore Store => _state.Store;

    /// <summary>What is exported under a name, or null.</summary>
    public WasmExternal? Find(string name)
    {
        if (!_state.Code.Exports.TryGetValue(name, out var export))
        {
            return null;
        }

        return export.Kind switch
        {
            ExternalKind.Function => _state.FunctionAt((int)export.Index),
            ExternalKind.Table => _state.Tables[export.Index],
            ExternalKind.Memory => _state.Memory,
            _ => _state.Globals[export.Index],
        };
    }

    /// <summary>The function exported under a name, or null.</summary>
    public WasmFunction? FindFunction(string name) => Find(name) as WasmFunction;

    /// <summary>The memory exported under a name, or null.</summary>
    public WasmMemory? FindMemory(string name) => Find(name) as WasmMemory;

    /// <summary>The table exported under a name, or null.</summary>
    public WasmTable? FindTable(string name) => Find(name) as WasmTable;

    /// <summary>The global exported under a name, or null.</summary>
    public WasmGlobal? FindGlobal(string name) => Find(name) as WasmGlobal;
}
