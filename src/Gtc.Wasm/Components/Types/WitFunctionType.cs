using System.Collections.Immutable;

namespace Gtc.Wasm.Components;

/// <summary>The type of a component function: named parameters and at most one result.</summary>
public sealed class WitFunctionType : TypeEntity
{
    /// <summary>Makes a function type.</summary>
    public WitFunctionType(ImmutableArray<string> names, ImmutableArray<WitType> parameters, WitType? result)
    {
        Names = names;
        Parameters = parameters;
        Result = result;
        FlatParameters = WitType.Concatenate(parameters);
        ParametersInMemory = parameters.Length == 0 ? null : (WitType.Product)WitType.TupleOf(parameters.AsSpan());
    }

    /// <summary>Parameter names.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>Parameter types.</summary>
    public ImmutableArray<WitType> Parameters { get; }

    /// <summary>The result, or null.</summary>
    public WitType? Result { get; }

    /// <summary>All parameters' flat slots, or default when they travel through memory.</summary>
    internal ImmutableArray<ValueType> FlatParameters { get; }

    /// <summary>The parameters as one tuple, the form they have in memory; null when there are none.</summary>
    internal WitType.Product? ParametersInMemory { get; }

    internal bool ParametersSpill => FlatParameters.IsDefault;

    /// <summary>More than one flat result travels through memory.</summary>
    internal bool ResultSpills => Result is { FlatCount: > 1 };

    /// <inheritdoc/>
    public override string ToString() =>
        $"func({string.Join(", ", Names.Select((name, index) => $"{name}: {Parameters[index]}"))}){(Result is null ? "" : $" -> {Result}")}";

    /// <summary>The core signature: of the function that is lifted, or of the one that lowering makes.</summary>
    internal (ImmutableArray<ValueType> Parameters, ImmutableArray<ValueType> Results) Flatten(bool lowered)
    {
        var parameters = ParametersSpill ? [ValueType.I32] : FlatParameters;
        if (Result is null)
        {
            return (parameters, []);
        }

        if (!ResultSpills)
        {
            return (parameters, Result.Flat);
        }

        return lowered ? (parameters.Add(ValueType.I32), []) : (parameters, [ValueType.I32]);
    }
}
