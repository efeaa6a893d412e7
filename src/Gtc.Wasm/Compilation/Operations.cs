using System.Collections.Frozen;
using System.Reflection;

namespace Gtc.Wasm;

/// <summary>The methods and fields of this library that emitted code refers to. All are found by constant type, so that trimming keeps them.</summary>
internal static class Operations
{
    private const BindingFlags Methods = BindingFlags.Public | BindingFlags.Static;
    private const BindingFlags Fields = BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.Instance;

    private static readonly FrozenDictionary<string, MethodInfo> ByName =
        typeof(ScalarOperations).GetMethods(Methods).Concat(typeof(VectorOperations).GetMethods(Methods)).ToFrozenDictionary(method => method.Name, StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, MethodInfo> Instances = typeof(InstanceOperations).GetMethods(Methods).ToFrozenDictionary(method => method.Name, StringComparer.Ordinal);
    private static readonly FrozenDictionary<string, MethodInfo> Stubs = typeof(StubOperations).GetMethods(Methods).ToFrozenDictionary(method => method.Name, StringComparer.Ordinal);
    private static readonly FrozenDictionary<string, MethodInfo> Throwers = typeof(Traps).GetMethods(Methods).ToFrozenDictionary(method => method.Name, StringComparer.Ordinal);
    private static readonly FrozenDictionary<string, MethodInfo> Hosts = typeof(HostTarget).GetMethods().ToFrozenDictionary(method => method.Name, StringComparer.Ordinal);

    public static readonly FieldInfo FunctionTarget = typeof(WasmFunction).GetField(nameof(WasmFunction.Target), Fields)!;
    public static readonly FieldInfo FunctionCode = typeof(WasmFunction).GetField(nameof(WasmFunction.Code), Fields)!;
    public static readonly FieldInfo FunctionKey = typeof(WasmFunction).GetField(nameof(WasmFunction.Key), Fields)!;
    public static readonly FieldInfo MemoryStart = typeof(WasmMemory).GetField(nameof(WasmMemory.Start), Fields)!;
    public static readonly FieldInfo MemoryLength = typeof(WasmMemory).GetField(nameof(WasmMemory.Length), Fields)!;
    public static readonly FieldInfo TableElements = typeof(WasmTable).GetField(nameof(WasmTable.Elements), Fields)!;
    public static readonly FieldInfo GlobalBits = typeof(WasmGlobal).GetField(nameof(WasmGlobal.Bits), Fields)!;
    public static readonly FieldInfo GlobalReference = typeof(WasmGlobal).GetField(nameof(WasmGlobal.Reference), Fields)!;
    public static readonly FieldInfo StoreStackLimit = typeof(WasmStore).GetField(nameof(WasmStore.StackLimit), Fields)!;
    public static readonly FieldInfo StoreInterrupted = typeof(WasmStore).GetField(nameof(WasmStore.Interrupted), Fields)!;
    public static readonly FieldInfo StoreResults = typeof(WasmStore).GetField(nameof(WasmStore.Results), Fields)!;
    public static readonly FieldInfo InstanceStore = typeof(InstanceState).GetField(nameof(InstanceState.Store), Fields)!;
    public static readonly FieldInfo InstanceMemory = typeof(InstanceState).GetField(nameof(InstanceState.Memory), Fields)!;
    public static readonly FieldInfo InstanceTables = typeof(InstanceState).GetField(nameof(InstanceState.Tables), Fields)!;
    public static readonly FieldInfo InstanceTable0 = typeof(InstanceState).GetField(nameof(InstanceState.Table0), Fields)!;
    public static readonly FieldInfo InstanceGlobals = typeof(InstanceState).GetField(nameof(InstanceState.Globals), Fields)!;
    public static readonly FieldInfo InstanceGlobal0 = typeof(InstanceState).GetField(nameof(InstanceState.Global0), Fields)!;
    public static readonly FieldInfo InstanceFunctions = typeof(InstanceState).GetField(nameof(InstanceState.Functions), Fields)!;
    public static readonly FieldInfo HostDelegate = typeof(HostDelegateTarget).GetField(nameof(HostDelegateTarget.Function), Fields)!;

    private static readonly FrozenDictionary<Opcode, MethodInfo> OpcodeMethods =
        InstructionTable.All.Where(shape => ByName.ContainsKey(shape.Opcode.ToString())).ToFrozenDictionary(shape => shape.Opcode, shape => ByName[shape.Opcode.ToString()]);

    /// <summary>The method that does what an opcode says, or null.</summary>
    public static MethodInfo? Of(Opcode opcode) => OpcodeMethods.GetValueOrDefault(opcode);

    /// <summary>A method of <see cref="ScalarOperations"/> or <see cref="VectorOperations"/>.</summary>
    public static MethodInfo? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>A method of <see cref="InstanceOperations"/>.</summary>
    public static MethodInfo Instance(string name) => Instances[name];

    /// <summary>A method of <see cref="StubOperations"/>.</summary>
    public static MethodInfo Stub(string name) => Stubs[name];

    /// <summary>A method of <see cref="Traps"/>.</summary>
    public static MethodInfo Trap(string name) => Throwers[name];

    /// <summary>A method of <see cref="HostTarget"/>.</summary>
    public static MethodInfo Host(string name) => Hosts[name];
}
