using System.Collections.Immutable;

namespace Gtc.Wasm;

/// <summary>What a function takes and gives. Two types with the same lists are equal.</summary>
public sealed class FunctionType : IEquatable<FunctionType>
{
    private static readonly FunctionType[] Single = [.. Enumerable.Range(0, 0x80).Select(number => new FunctionType([], [(ValueType)number]))];

    /// <summary>A function type.</summary>
    public FunctionType(ImmutableArray<ValueType> parameters, ImmutableArray<ValueType> results)
    {
        Parameters = parameters;
        Results = results;
    }

    /// <summary>Nothing in, nothing out.</summary>
    public static FunctionType Empty { get; } = new([], []);

    /// <summary>The types of the arguments, first one first.</summary>
    public ImmutableArray<ValueType> Parameters { get; }

    /// <summary>The types of the results, first one first.</summary>
    public ImmutableArray<ValueType> Results { get; }

    /// <inheritdoc/>
    public bool Equals(FunctionType? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Parameters.AsSpan().SequenceEqual(other.Parameters.AsSpan()) && Results.AsSpan().SequenceEqual(other.Results.AsSpan()));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FunctionType);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var parameter in Parameters)
        {
            hash.Add(parameter);
        }

        hash.Add(-1);
        foreach (var result in Results)
        {
            hash.Add(result);
        }

        return hash.ToHashCode();
    }

    /// <summary>The lists as the text format names them, such as <c>[i32 i64] -> [f32]</c>.</summary>
    public override string ToString() => $"[{Names(Parameters)}] -> [{Names(Results)}]";

    internal static FunctionType Giving(ValueType result) => Single[(int)result];

    private static string Names(ImmutableArray<ValueType> types) => string.Join(' ', types.Select(type => type.Name()));
}
