using System.Collections.Immutable;

namespace Gtc.Fleet.Contracts;

/// <summary>How a label is compared.</summary>
public enum SelectorOperator
{
    /// <summary>The label is there, with one of the values.</summary>
    In,

    /// <summary>The label is absent, or has none of the values.</summary>
    NotIn,

    /// <summary>The label is there.</summary>
    Exists,

    /// <summary>The label is absent.</summary>
    DoesNotExist,
}

/// <summary>One term of a selector. A member of <c>matchLabels</c> is In with one value.</summary>
/// <param name="Key">The label's key.</param>
/// <param name="Operator">How it is compared.</param>
/// <param name="Values">With what, sorted and each once; nothing for Exists and DoesNotExist.</param>
public sealed record SelectorTerm(string Key, SelectorOperator Operator, ImmutableArray<string> Values)
{
    /// <summary>Whether a label meets the term.</summary>
    /// <param name="value">The label's value, or null when it is absent.</param>
    public bool Accepts(string? value) => Operator switch
    {
        SelectorOperator.In => value is not null && Values.Contains(value),
        SelectorOperator.NotIn => value is null || !Values.Contains(value),
        SelectorOperator.Exists => value is not null,
        _ => value is null,
    };

    /// <summary>The term as <c>kubectl -l</c> takes it, e.g. <c>group in (lab,office)</c>.</summary>
    public override string ToString() => Operator switch
    {
        SelectorOperator.In when Values.Length == 1 => $"{Key}={Values[0]}",
        SelectorOperator.In => $"{Key} in ({string.Join(',', Values)})",
        SelectorOperator.NotIn => $"{Key} notin ({string.Join(',', Values)})",
        SelectorOperator.Exists => Key,
        _ => $"!{Key}",
    };

    internal static SelectorOperator? OperatorOf(string? text) => text switch
    {
        "In" => SelectorOperator.In,
        "NotIn" => SelectorOperator.NotIn,
        "Exists" => SelectorOperator.Exists,
        "DoesNotExist" => SelectorOperator.DoesNotExist,
        _ => null,
    };
}
