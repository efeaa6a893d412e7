namespace Gtc.Wasm;

/// <summary>What compiled code gets as its last argument: all that an instance has. Fields, because compiled code reads them.</summary>
internal sealed class InstanceState
{
    internal readonly WasmCode Code;
    internal readonly WasmStore Store;

    /// <summary>The memory, or null when the module has none.</summary>
    internal WasmMemory? Memory;

    /// <summary>Tables, imported ones first. The first has a field of its own, since nearly all indirect calls go through it.</summary>
    internal readonly WasmTable[] Tables;
    internal WasmTable? Table0;

    /// <summary>Globals, imported ones first. The first has a field of its own: compilers keep the stack pointer there.</summary>
    internal readonly WasmGlobal[] Globals;
    internal WasmGlobal? Global0;

    /// <summary>Functions, imported ones first. Those are always there, the others once a reference to them is taken.</summary>
    internal readonly WasmFunction?[] Functions;

    /// <summary>Passive segments; those that are dropped are empty.</summary>
    internal readonly object?[]?[] Elements;
    internal readonly ReadOnlyMemory<byte>[] Data;

    public InstanceState(WasmCode code, WasmStore store)
    {
        Code = code;
        Store = store;
        Tables = new WasmTable[code.Module.Tables.Length];
        Globals = new WasmGlobal[code.Module.Globals.Length];
        Functions = new WasmFunction?[code.Module.Functions.Length];
        Elements = new object?[]?[code.Module.Elements.Length];
        Data = new ReadOnlyMemory<byte>[code.Module.Data.Length];
    }

    /// <summary>The reference to a function.</summary>
    public WasmFunction FunctionAt(int index)
    {
        if (Functions[index] is { } known)
        {
            return known;
        }

        var type = Code.Module.Functions[index];
        return Functions[index] = new WasmFunction(Store, Code.Module.Types[(int)type], Code.StubsOf(type), this, Code.Compiled.EntryOf(index));
    }
}
