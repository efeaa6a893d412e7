namespace Gtc.Wasm;

/// <summary>The type of a block: nothing, one result, or a function type.</summary>
/// <param name="TypeIndex">An index into <see cref="WasmModule.Types"/>, or -1.</param>
/// <param name="Result">The one result, or <see cref="ValueType.Unknown"/> for none; only without an index.</param>
internal readonly record struct BlockType(int TypeIndex, ValueType Result)
{
    /// <summary>The lists of a block in a module whose types are known to exist.</summary>
    public FunctionType In(WasmModule module) =>
        TypeIndex >= 0 ? module.Types[TypeIndex] : Result == ValueType.Unknown ? FunctionType.Empty : FunctionType.Giving(Result);
}
