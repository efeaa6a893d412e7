using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Gtc.Wasm;

/// <summary>What emitted stubs call to move values between lists and typed arguments, and around calls.</summary>
internal static class StubOperations
{
    public static int GetI32(ReadOnlySpan<WasmValue> values, int place) => values[place].I32;

    public static long GetI64(ReadOnlySpan<WasmValue> values, int place) => values[place].I64;

    public static float GetF32(ReadOnlySpan<WasmValue> values, int place) => values[place].F32;

    public static double GetF64(ReadOnlySpan<WasmValue> values, int place) => values[place].F64;

    public static Vector128<byte> GetV128(ReadOnlySpan<WasmValue> values, int place) => values[place].V128;

    public static object? GetReference(ReadOnlySpan<WasmValue> values, int place) => values[place].Reference;

    public static int TakeI32(WasmValue[] values, int place) => values[place].I32;

    public static long TakeI64(WasmValue[] values, int place) => values[place].I64;

    public static float TakeF32(WasmValue[] values, int place) => values[place].F32;

    public static double TakeF64(WasmValue[] values, int place) => values[place].F64;

    public static Vector128<byte> TakeV128(WasmValue[] values, int place) => values[place].V128;

    public static object? TakeReference(WasmValue[] values, int place) => values[place].Reference;

    public static void PutI32(WasmValue[] values, int place, int value) => values[place] = value;

    public static void PutI64(WasmValue[] values, int place, long value) => values[place] = value;

    public static void PutF32(WasmValue[] values, int place, float value) => values[place] = value;

    public static void PutF64(WasmValue[] values, int place, double value) => values[place] = value;

    public static void PutV128(WasmValue[] values, int place, Vector128<byte> value) => values[place] = value;

    public static void PutReference(WasmValue[] values, int place, object? value) => values[place] = WasmValue.External(value);

    /// <summary>A number of single precision from its bits; not in place, because the JIT would fold it to a constant.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static float SpecialF32(int bits) => BitConverter.Int32BitsToSingle(bits);

    /// <summary>A stack limit with room for a large frame above it.</summary>
    public static nuint Above(nuint limit, long bytes) => limit + (nuint)bytes < limit ? nuint.MaxValue : limit + (nuint)bytes;

    /// <summary>Room that takes the one result of a call from the host until it is copied.</summary>
    public static WasmValue[] ResultsOf(WasmFunction function) => function.Store.Results;

    /// <summary>Copies the results of a call to where the host wants them.</summary>
    public static void Gather(WasmFunction function, int count, Span<WasmValue> results)
    {
        var values = function.Store.Results.AsSpan(0, count);
        values.CopyTo(results);
        values.Clear();
    }

    public static nuint Enter(WasmFunction function) => function.Store.Enter();

    public static void Leave(WasmFunction function, nuint before)
    {
        function.Store.Leave(before);
        GC.KeepAlive(function);
    }

    /// <summary>What a typed delegate throws for an exception of compiled code.</summary>
    public static Exception AsTrap(Exception exception) =>
        exception is not WasmTrapException && Traps.Of(exception) is { } trap ? new WasmTrapException(trap) : exception;
}
