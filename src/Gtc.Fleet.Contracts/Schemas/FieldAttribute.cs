namespace Gtc.Fleet.Contracts;

/// <summary>What a custom resource's definition says about a member beyond its type. The rules here are those that every API server can check.</summary>
/// <param name="description">What it is, as <c>kubectl explain</c> shows it.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class FieldAttribute(string description) : Attribute
{
    /// <summary>What it is.</summary>
    public string Description { get; } = description;

    /// <summary>A regular expression that a text must match, or null.</summary>
    public string? Pattern { get; init; }

    /// <summary>The words that a text may be, with commas between, or null for any.</summary>
    public string? Words { get; init; }

    /// <summary>The value when none is given, as JSON, or null.</summary>
    public string? Default { get; init; }

    /// <summary>The fewest items; -1 for no rule.</summary>
    public int MinItems { get; init; } = -1;

    /// <summary>The most items; -1 for no rule.</summary>
    public int MaxItems { get; init; } = -1;

    /// <summary>The fewest members of an object; -1 for no rule.</summary>
    public int MinProperties { get; init; } = -1;

    /// <summary>The most members of an object; -1 for no rule.</summary>
    public int MaxProperties { get; init; } = -1;

    /// <summary>The most characters; -1 for no rule.</summary>
    public int MaxLength { get; init; } = -1;

    /// <summary>The least number; NaN for no rule.</summary>
    public double Minimum { get; init; } = double.NaN;

    /// <summary>The greatest number; NaN for no rule.</summary>
    public double Maximum { get; init; } = double.NaN;

    /// <summary>The member by which the items of a list are told apart when several people write it; null for a list that is replaced as a whole.</summary>
    public string? ListKey { get; init; }

    /// <summary>Whether members that nobody declared are kept by the API server.</summary>
    public bool KeepsUnknown { get; init; }
}
