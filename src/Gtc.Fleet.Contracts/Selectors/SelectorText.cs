using System.Collections.Immutable;

namespace Gtc.Fleet.Contracts;

/// <summary>Selectors as people type them.</summary>
public static class SelectorText
{
    private const string Forms = "`key in (a,b)`, `key notin (a,b)`, `key` or `!key`";

    /// <summary>Reads one requirement: <c>key in (a,b)</c>, <c>key notin (a,b)</c>, <c>key</c> or <c>!key</c>.</summary>
    public static ContractResult<SelectorRequirement> ParseExpression(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var trimmed = text.Trim();
        var open = trimmed.IndexOf('(', StringComparison.Ordinal);
        var words = (open < 0 ? trimmed : trimmed[..open]).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        SelectorRequirement? requirement = (words.Length, open) switch
        {
            (1, < 0) when words[0][0] == '!' => new() { Key = words[0][1..], Operator = nameof(SelectorOperator.DoesNotExist) },
            (1, < 0) => new() { Key = words[0], Operator = nameof(SelectorOperator.Exists) },
            (2, > 0) when trimmed[^1] == ')' && OperatorOf(words[1]) is { } known => new() { Key = words[0], Operator = known, Values = Values(trimmed[(open + 1)..^1]) },
            _ => null,
        };
        if (requirement is null)
        {
            return new ContractError(ContractFault.InvalidSelector, "", $"`{BoundedText.Cut(text, 80)}` is no requirement: {Forms} was expected");
        }

        var problems = new LabelSelector { MatchExpressions = [requirement] }.FindProblems();
        return problems.Count == 0 ? requirement : new ContractError(ContractFault.InvalidSelector, "", $"`{BoundedText.Cut(text, 80)}`: {problems[0].Message}");
    }

    /// <summary>Reads <c>key=value[,key=value…]</c>.</summary>
    /// <returns>The labels in order; the same key twice with two values is an error.</returns>
    public static ContractResult<ImmutableSortedDictionary<string, string>> ParseLabels(IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var labels = Ordinal.EmptyMap.ToBuilder();
        foreach (var part in texts.SelectMany(text => text.Split(',', StringSplitOptions.TrimEntries)))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var key = equals < 0 ? part : part[..equals];
            var value = equals < 0 ? "" : part[(equals + 1)..];
            if (equals <= 0)
            {
                return new ContractError(ContractFault.InvalidSelector, "", $"`{BoundedText.Cut(part, 80)}` is no label: key=value was expected, several of them with commas between");
            }

            if (labels.TryGetValue(key, out var other) && other != value)
            {
                return new ContractError(ContractFault.InvalidSelector, "", $"{key} was given twice, as `{other}` and as `{value}`: no device has both");
            }

            labels[key] = value;
        }

        var problems = new LabelSelector { MatchLabels = labels.ToImmutable() }.FindProblems();
        return problems.Count == 0 ? labels.ToImmutable() : problems[0] with { Path = "" };
    }

    private static string? OperatorOf(string word) => word switch
    {
        "in" => nameof(SelectorOperator.In),
        "notin" => nameof(SelectorOperator.NotIn),
        _ => null,
    };

    private static ImmutableArray<string> Values(string list) => [.. list.Split(',', StringSplitOptions.TrimEntries)];
}
