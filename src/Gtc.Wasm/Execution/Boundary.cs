namespace Gtc.Wasm;

/// <summary>What enters a guest is checked here, because compiled code trusts the types of references.</summary>
internal static class Boundary
{
    public static object? Check(object? reference, ValueType type, WasmStore store)
    {
        if (type != ValueType.FuncRef || reference is null)
        {
            return reference;
        }

        return reference is WasmFunction function && ReferenceEquals(function.Store, store)
            ? function
            : throw new ArgumentException("Expected null or a function of the same store as a function reference.", nameof(reference));
    }
}
