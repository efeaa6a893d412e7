using System.Collections.Immutable;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Operator;

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
internal sealed record BoundTerm(LabelKey Key, SelectorOperator Operator, ImmutableArray<Label> Values)
{
    /// <summary>Whether only devices that have the key can match.</summary>
    public bool IsPositive => Operator is SelectorOperator.In or SelectorOperator.Exists;
}
