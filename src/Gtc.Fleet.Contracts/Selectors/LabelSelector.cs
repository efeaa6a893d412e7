using System.Collections.Immutable;

namespace Gtc.Fleet.Contracts;

/// <summary>Which devices a deployment is for, as Kubernetes spells it (fleet.md §2.1). An empty one means every device.</summary>
public sealed record LabelSelector : KeepsUnknown
{
    /// <summary>Labels that a device must have, each with this value.</summary>
    [Field("Labels that a device must have, each with this value.")]
    public ImmutableSortedDictionary<string, string> MatchLabels
    {
        get => field ?? Ordinal.EmptyMap;
        init => field = Ordinal.Sorted(value);
    }

    /// <summary>Requirements that a device must meet besides.</summary>
    [Field("Requirements that a device must meet besides; all of them.")]
    public ImmutableArray<SelectorRequirement> MatchExpressions
    {
        get => field.IsDefault ? [] : field;
        init;
    }

    /// <summary>The selector as it is evaluated, or the first rule that it breaks.</summary>
    public ContractResult<Selector> Compile()
    {
        var problems = FindProblems();
        return problems.Count > 0 ? problems[0] : Selector.Of(this);
    }

    /// <summary>Every rule that it breaks.</summary>
    public IReadOnlyList<ContractError> FindProblems() => SelectorRules.FindProblems(this);
}

/// <summary>One requirement. The operator is a text here, since a resource may hold one that means nothing.</summary>
public sealed record SelectorRequirement : KeepsUnknown
{
    /// <summary>The label's key.</summary>
    [Field("The label's key.")]
    public required string Key { get; init; }

    /// <summary><c>In</c>, <c>NotIn</c>, <c>Exists</c> or <c>DoesNotExist</c>.</summary>
    [Field("How the label is compared.", Words = "In,NotIn,Exists,DoesNotExist")]
    public required string Operator { get; init; }

    /// <summary>The values of In and NotIn; nothing for the others.</summary>
    [Field("The values of In and NotIn, at least one; none for Exists and DoesNotExist.")]
    public ImmutableArray<string> Values
    {
        get => field.IsDefault ? [] : field;
        init;
    }
}
