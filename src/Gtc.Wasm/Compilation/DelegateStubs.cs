using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Gtc.Wasm;

/// <summary>What guests call for a typed delegate of the host.</summary>
internal sealed class HostDelegateStub(FunctionType type, Type code)
{
    /// <summary>The function type that the delegate stands for.</summary>
    public FunctionType Type { get; } = type;

    /// <summary>Takes the arguments and a <see cref="HostDelegateTarget"/>.</summary>
    public nint Code { get; } = EmittedAssembly.Address(code, "Call");

    /// <summary>Keeps the code that the pointer leads to.</summary>
    public Type Keep { get; } = code;
}

/// <summary>Stubs between delegates and compiled code, one per delegate type and direction.</summary>
internal static class DelegateStubs
{
    private static readonly ConditionalWeakTable<Type, HostDelegateStub> Hosts = [];
    private static readonly ConditionalWeakTable<Type, Type> Guests = [];

    public static HostDelegateStub ForHost(Type type) => Hosts.GetValue(type, static wanted => EmitHost(wanted));

    public static Delegate ForGuest(Type type, WasmFunction function)
    {
        var wanted = Signature(type);
        if (!wanted.Equals(function.Type))
        {
            throw new ArgumentException($"A function of type {function.Type} is not called through {type}, which is {wanted}.", nameof(type));
        }

        var code = Guests.GetValue(type, static wanted => EmitGuest(wanted));
        return EmittedAssembly.Method(code, "Call").CreateDelegate(type, function);
    }

    private static FunctionType Signature(Type type)
    {
        var invoke = InvokeOf(type);
        return new FunctionType(
            [.. invoke.GetParameters().Select(parameter => ValueOf(parameter.ParameterType, type))],
            invoke.ReturnType == typeof(void) ? [] : [ValueOf(invoke.ReturnType, type)]);
    }

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "Trimming keeps the Invoke method of every delegate type that it keeps.")]
    private static MethodInfo InvokeOf(Type type) =>
        type.GetMethod("Invoke") ?? throw new ArgumentException($"{type} is not a delegate with a signature.", nameof(type));

    private static ValueType ValueOf(Type value, Type type) =>
        value == typeof(int) || value == typeof(uint) ? ValueType.I32
        : value == typeof(long) || value == typeof(ulong) ? ValueType.I64
        : value == typeof(float) ? ValueType.F32
        : value == typeof(double) ? ValueType.F64
        : value == typeof(Vector128<byte>) ? ValueType.V128
        : value == typeof(object) ? ValueType.ExternRef
        : throw new ArgumentException($"{type} has a {value} among its parameters or result; a guest has no such value.", nameof(type));

    private static HostDelegateStub EmitHost(Type type)
    {
        var signature = Signature(type);
        var stub = EmittedAssembly.NewType("Host");
        var method = stub.DefineMethod(
            "Call", MethodAttributes.Public | MethodAttributes.Static, ClrTypes.ResultOf(signature), ClrTypes.ParametersOf(signature, typeof(HostDelegateTarget)));
        var il = method.GetILGenerator();
        var result = signature.Results.IsEmpty ? null : il.DeclareLocal(method.ReturnType);
        il.BeginExceptionBlock();
        il.Emit(OpCodes.Ldarg, (short)signature.Parameters.Length);
        il.Emit(OpCodes.Ldfld, Operations.HostDelegate);
        for (var place = 0; place < signature.Parameters.Length; place++)
        {
            il.Emit(OpCodes.Ldarg, (short)place);
        }

        il.Emit(OpCodes.Callvirt, InvokeOf(type));
        StoreAndCatch(il, result, Operations.Trap(nameof(Traps.FromHost)));
        Return(il, result);
        return new HostDelegateStub(signature, stub.CreateType());
    }

    private static Type EmitGuest(Type type)
    {
        var signature = Signature(type);
        var stub = EmittedAssembly.NewType("Guest");
        var method = stub.DefineMethod(
            "Call",
            MethodAttributes.Public | MethodAttributes.Static,
            ClrTypes.ResultOf(signature),
            [typeof(WasmFunction), .. signature.Parameters.Select(ClrTypes.Of)]);
        var il = method.GetILGenerator();
        var result = signature.Results.IsEmpty ? null : il.DeclareLocal(method.ReturnType);
        var before = il.DeclareLocal(typeof(nuint));
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Call, Operations.Stub(nameof(StubOperations.Enter)));
        il.Emit(OpCodes.Stloc, before);
        il.BeginExceptionBlock();
        il.BeginExceptionBlock();
        for (var place = 0; place < signature.Parameters.Length; place++)
        {
            il.Emit(OpCodes.Ldarg, (short)(place + 1));
        }

        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldfld, Operations.FunctionTarget);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldfld, Operations.FunctionCode);
        ClrTypes.CallPointer(il, signature);
        StoreAndCatch(il, result, Operations.Stub(nameof(StubOperations.AsTrap)));
        il.BeginFinallyBlock();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldloc, before);
        il.Emit(OpCodes.Call, Operations.Stub(nameof(StubOperations.Leave)));
        il.EndExceptionBlock();
        Return(il, result);
        return stub.CreateType();
    }

    private static void StoreAndCatch(ILGenerator il, LocalBuilder? result, MethodInfo translation)
    {
        if (result is not null)
        {
            il.Emit(OpCodes.Stloc, result);
        }

        il.BeginCatchBlock(typeof(Exception));
        il.Emit(OpCodes.Call, translation);
        il.Emit(OpCodes.Throw);
        il.EndExceptionBlock();
    }

    private static void Return(ILGenerator il, LocalBuilder? result)
    {
        if (result is not null)
        {
            il.Emit(OpCodes.Ldloc, result);
        }

        il.Emit(OpCodes.Ret);
    }
}
