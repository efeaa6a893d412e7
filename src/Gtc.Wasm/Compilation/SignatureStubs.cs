using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;

namespace Gtc.Wasm;

/// <summary>What all functions of one type share: the key that indirect calls compare, and the code that passes lists of values to and from typed arguments.</summary>
internal sealed unsafe class SignatureStubs
{
    private const int MostKept = 4_096;
    private const int MostExact = 20;
    private static readonly ConcurrentDictionary<FunctionType, SignatureStubs> Known = new();

    // Keeps the code that the pointers lead to.
    private readonly Lazy<Type> _code;
    private nint _invoker;

    private SignatureStubs(FunctionType type)
    {
        Key = KeyFor(type);
        TakesFunctions = type.Parameters.Contains(ValueType.FuncRef);
        _code = new(() => Emit(type));
    }

    /// <summary>Equal for equal types; where <see cref="IsExact"/> holds, different for different types.</summary>
    public ulong Key { get; }

    /// <summary>True when an argument must be checked before it enters the guest.</summary>
    public bool TakesFunctions { get; }

    /// <summary>Calls a function with lists of values.</summary>
    public delegate*<WasmFunction, ReadOnlySpan<WasmValue>, Span<WasmValue>, void> Invoker =>
        (delegate*<WasmFunction, ReadOnlySpan<WasmValue>, Span<WasmValue>, void>)(_invoker != 0 ? _invoker : _invoker = PointerTo("Invoke"));

    /// <summary>What guests call for a <see cref="HostFunction"/>.</summary>
    public nint HostCode => PointerTo("Host");

    public static SignatureStubs For(FunctionType type)
    {
        if (Known.TryGetValue(type, out var stubs))
        {
            return stubs;
        }

        if (Known.Count >= MostKept)
        {
            Known.Clear();
        }

        return Known.GetOrAdd(type, static wanted => new SignatureStubs(wanted));
    }

    /// <summary>True when a key says the whole type.</summary>
    public static bool IsExact(ulong key) => key >> 63 == 0;

    private nint PointerTo(string name) => EmittedAssembly.Address(_code.Value, name);

    /// <summary>The key of a type: three bits for each value and for the arrow between parameters and results, after a leading one.</summary>
    public static ulong KeyFor(FunctionType type)
    {
        if (type.Parameters.Length + type.Results.Length > MostExact - 1)
        {
            return (1UL << 63) | (uint)type.Parameters.Length;
        }

        var key = 1UL;
        foreach (var parameter in type.Parameters)
        {
            key = (key << 3) | Digit(parameter);
        }

        key <<= 3;
        foreach (var result in type.Results)
        {
            key = (key << 3) | Digit(result);
        }

        return key;
    }

    private static ulong Digit(ValueType type) => type switch
    {
        ValueType.I32 => 1,
        ValueType.I64 => 2,
        ValueType.F32 => 3,
        ValueType.F64 => 4,
        ValueType.V128 => 5,
        ValueType.FuncRef => 6,
        _ => 7,
    };

    private static Type Emit(FunctionType type)
    {
        var stub = EmittedAssembly.NewType("Signature");
        EmitInvoke(stub.DefineMethod(
            "Invoke",
            MethodAttributes.Public | MethodAttributes.Static,
            typeof(void),
            [typeof(WasmFunction), typeof(ReadOnlySpan<WasmValue>), typeof(Span<WasmValue>)]).GetILGenerator(), type);
        EmitHost(stub.DefineMethod(
            "Host",
            MethodAttributes.Public | MethodAttributes.Static,
            ClrTypes.ResultOf(type),
            ClrTypes.ParametersOf(type, typeof(HostTarget))).GetILGenerator(), type);
        return stub.CreateType();
    }

    private static void EmitInvoke(ILGenerator il, FunctionType type)
    {
        var single = type.Results.Length == 1;
        if (single)
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Call, Operations.Stub(nameof(StubOperations.ResultsOf)));
            il.Emit(OpCodes.Ldc_I4_0);
        }

        for (var place = 0; place < type.Parameters.Length; place++)
        {
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Ldc_I4, place);
            il.Emit(OpCodes.Call, Operations.Stub("Get" + ClrTypes.NameOf(type.Parameters[place])));
        }

        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldfld, Operations.FunctionTarget);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldfld, Operations.FunctionCode);
        ClrTypes.CallPointer(il, type);
        if (single)
        {
            il.Emit(OpCodes.Call, Operations.Stub("Put" + ClrTypes.NameOf(type.Results[0])));
        }

        if (type.Results.Length > 0)
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldc_I4, type.Results.Length);
            il.Emit(OpCodes.Ldarg_2);
            il.Emit(OpCodes.Call, Operations.Stub(nameof(StubOperations.Gather)));
        }

        il.Emit(OpCodes.Ret);
    }

    private static void EmitHost(ILGenerator il, FunctionType type)
    {
        var count = type.Parameters.Length;
        var target = (short)count;
        var frame = il.DeclareLocal(typeof(WasmValue[]));
        il.Emit(OpCodes.Ldarg, target);
        il.Emit(OpCodes.Call, Operations.Host(nameof(HostTarget.Rent)));
        il.Emit(OpCodes.Stloc, frame);
        for (var place = 0; place < count; place++)
        {
            il.Emit(OpCodes.Ldloc, frame);
            il.Emit(OpCodes.Ldc_I4, place);
            il.Emit(OpCodes.Ldarg, (short)place);
            il.Emit(OpCodes.Call, Operations.Stub("Put" + ClrTypes.NameOf(type.Parameters[place])));
        }

        CallFrame(nameof(HostTarget.Call));
        if (type.Results.Length == 1)
        {
            il.Emit(OpCodes.Ldloc, frame);
            il.Emit(OpCodes.Ldc_I4, count);
            il.Emit(OpCodes.Call, Operations.Stub("Take" + ClrTypes.NameOf(type.Results[0])));
        }
        else if (type.Results.Length > 1)
        {
            CallFrame(nameof(HostTarget.Spread));
        }

        CallFrame(nameof(HostTarget.Return));
        il.Emit(OpCodes.Ret);

        void CallFrame(string method)
        {
            il.Emit(OpCodes.Ldarg, target);
            il.Emit(OpCodes.Ldloc, frame);
            il.Emit(OpCodes.Call, Operations.Host(method));
        }
    }
}
