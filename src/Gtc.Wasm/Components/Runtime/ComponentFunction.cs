namespace Gtc.Wasm.Components;

/// <summary>A component function that exists: a guest's, lifted, or the host's.</summary>
internal abstract class ComponentFunction
{
    /// <summary>A guest calls, with flat values as the function's type <paramref name="type"/> lowers to.</summary>
    public abstract void CallFromGuest(AbiCall caller, WitFunctionType type, ReadOnlySpan<WasmValue> arguments, Span<WasmValue> results);

    /// <summary>The host calls, in an instance of the store.</summary>
    public abstract TResult? CallFromHost<TArguments, TResult>(ComponentStore store, Codec<TArguments>? parameters, Codec<TResult>? result, TArguments arguments);

    /// <summary>Reads the arguments of a guest's call.</summary>
    protected static T Arguments<T>(AbiCall caller, WitFunctionType type, Codec<T> codec, ReadOnlySpan<WasmValue> arguments)
    {
        var reader = type.ParametersSpill
            ? ValueReader.OfMemory(caller, (uint)arguments[0].I32, codec.Alignment, codec.Type.Size)
            : ValueReader.OfSlots(caller, arguments);
        return codec.Read(ref reader);
    }

    /// <summary>Writes the result of a guest's call.</summary>
    protected static void Result<T>(
        AbiCall caller, WitFunctionType type, Codec<T> codec, T value, ReadOnlySpan<WasmValue> arguments, Span<WasmValue> results)
    {
        var writer = type.ResultSpills
            ? ValueWriter.OfMemory(caller, (uint)arguments[^1].I32, codec.Alignment, codec.Type.Size)
            : ValueWriter.OfSlots(caller, results);
        codec.Write(ref writer, value);
    }
}

/// <summary>Stands for an import that nobody serves, where missing ones are allowed until they are called.</summary>
internal sealed class MissingFunction(string name) : ComponentFunction
{
    public override void CallFromGuest(AbiCall caller, WitFunctionType type, ReadOnlySpan<WasmValue> arguments, Span<WasmValue> results) => throw Missing();

    public override TResult? CallFromHost<TArguments, TResult>(ComponentStore store, Codec<TArguments>? parameters, Codec<TResult>? result, TArguments arguments)
        where TResult : default => throw Missing();

    private WasmTrapException Missing() => ComponentTraps.Make($"the import {name} is not provided");
}
