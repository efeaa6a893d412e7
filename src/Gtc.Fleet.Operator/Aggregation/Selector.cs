using System.Collections.Immutable;

namespace Gtc.Fleet.Operator;

/// <summary>What a term of a selector asks of a label (the operators of metav1.LabelSelector).</summary>
public enum TermOperator
{
    /// <summary>It is there with one of the values.</summary>
    In,

    /// <summary>It is absent or has another value.</summary>
    NotIn,

    /// <summary>It is there.</summary>
    Exists,

    /// <summary>It is absent.</summary>
    DoesNotExist,
}

/// <summary>One term of a selector.</summary>
/// <param name="Key">The label's key.</param>
/// <param name="Operator">What is asked.</param>
/// <param name="Values">Values for <see cref="TermOperator.In"/> and <see cref="TermOperator.NotIn"/>; else none.</param>
public sealed record SelectorTerm(string Key, TermOperator Operator, ImmutableArray<string> Values);

/// <summary>A selector bound to the labels of one <see cref="SelectorIndex"/>: all terms must hold.</summary>
internal sealed class BoundSelector(ImmutableArray<BoundTerm> terms)
{
    public ImmutableArray<BoundTerm> Terms { get; } = terms;

    /// <summary>The term that the selector is looked up by, or null when only terms of absence are in it.</summary>
    public BoundTerm? Anchor { get; set; }
}

/// <summary>One term, bound.</summary>
/// <param name="Key">The key.</param>
/// <param name="Operator">What is asked.</param>
/// <param name="Values">The labels that are asked for.</param>
internal sealed record BoundTerm(LabelKey Key, TermOperator Operator, ImmutableArray<Label> Values)
{
    /// <summary>Whether only devices that have the key can match.</summary>
    public bool IsPositive => Operator is TermOperator.In or TermOperator.Exists;
}
