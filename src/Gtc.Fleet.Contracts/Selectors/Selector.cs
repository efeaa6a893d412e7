using System.Collections.Immutable;

namespace Gtc.Fleet.Contracts;

/// <summary>What one term of a selector says about one device.</summary>
/// <param name="Term">The term.</param>
/// <param name="Found">The device's value, or null when it has no such label.</param>
/// <param name="IsMatch">Whether the device meets it.</param>
public sealed record TermVerdict(SelectorTerm Term, string? Found, bool IsMatch)
{
    /// <summary>Why, in words, e.g. <c>group is `office`, `lab` was wanted</c>.</summary>
    public string Reason
    {
        get
        {
            var found = Found is null ? $"there is no label {Term.Key}" : $"{Term.Key} is `{Found}`";
            var values = string.Join(" or ", Term.Values.Select(value => $"`{value}`"));
            return (Term.Operator, IsMatch) switch
            {
                (SelectorOperator.In, false) => $"{found}, {values} was wanted",
                (SelectorOperator.NotIn, false) => $"{found}, anything but {values} was wanted",
                (SelectorOperator.Exists, false) => $"{found}, any value was wanted",
                (SelectorOperator.DoesNotExist, false) => $"{found}, no such label was wanted",
                _ => found,
            };
        }
    }
}

/// <summary>A selector that was checked. All terms have to be met; none means every device (fleet.md §5.3, as <c>metav1.LabelSelector</c>).</summary>
public sealed class Selector
{
    private Selector(ImmutableArray<SelectorTerm> terms) => Terms = terms;

    /// <summary>Its terms: those of <c>matchLabels</c> by key, then those of <c>matchExpressions</c> as given.</summary>
    public ImmutableArray<SelectorTerm> Terms { get; }

    /// <summary>Whether it has no terms and so selects every device.</summary>
    public bool SelectsAll => Terms.IsEmpty;

    /// <summary>Whether a device with these labels is selected. One pass without an index: what a faster way has to agree with.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        foreach (var term in Terms)
        {
            if (!term.Accepts(labels.GetValueOrDefault(term.Key)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>What each term says about a device with these labels, in the order of <see cref="Terms"/>.</summary>
    public ImmutableArray<TermVerdict> Explain(IReadOnlyDictionary<string, string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return [.. from term in Terms let found = labels.GetValueOrDefault(term.Key) select new TermVerdict(term, found, term.Accepts(found))];
    }

    /// <summary>The selector as <c>kubectl -l</c> takes it; empty when it selects all.</summary>
    public override string ToString() => string.Join(',', Terms);

    internal static Selector Of(LabelSelector selector) => new(
    [
        .. selector.MatchLabels.Select(label => new SelectorTerm(label.Key, SelectorOperator.In, [label.Value])),
        .. selector.MatchExpressions.Select(given => new SelectorTerm(given.Key, SelectorTerm.OperatorOf(given.Operator)!.Value, [.. given.Values.Distinct().Order(StringComparer.Ordinal)])),
    ]);
}
