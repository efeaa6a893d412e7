namespace Gtc.Fleet.Contracts;

/// <summary>The rules for selectors (fleet.md §2.1, §5.3).</summary>
internal static class SelectorRules
{
    private const int MaxTerms = 64;
    private const int MaxValues = 256;

    public static IReadOnlyList<ContractError> FindProblems(LabelSelector selector)
    {
        var problems = new List<ContractError>();
        if (selector.MatchLabels.Count + selector.MatchExpressions.Length > MaxTerms)
        {
            problems.Add(Invalid("", $"{selector.MatchLabels.Count + selector.MatchExpressions.Length} terms were found, at most {MaxTerms} were expected"));
        }

        foreach (var (key, value) in selector.MatchLabels)
        {
            AddKey(problems, "matchLabels", key);
            AddValue(problems, $"matchLabels.{key}", value);
        }

        for (var at = 0; at < selector.MatchExpressions.Length; at++)
        {
            AddRequirement(problems, $"matchExpressions[{at}]", selector.MatchExpressions[at]);
        }

        return problems;
    }

    private static void AddRequirement(List<ContractError> problems, string path, SelectorRequirement? requirement)
    {
        if (requirement is null)
        {
            problems.Add(Invalid(path, "null was found where a requirement was expected"));
            return;
        }

        AddKey(problems, $"{path}.key", requirement.Key);
        if (SelectorTerm.OperatorOf(requirement.Operator) is not { } known)
        {
            problems.Add(Invalid($"{path}.operator", $"`{Shown(requirement.Operator)}` is no operator: In, NotIn, Exists or DoesNotExist was expected"));
            return;
        }

        var count = requirement.Values.Length;
        if (known is SelectorOperator.In or SelectorOperator.NotIn ? count is 0 or > MaxValues : count > 0)
        {
            var expected = known is SelectorOperator.In or SelectorOperator.NotIn ? $"1 to {MaxValues}" : "none";
            problems.Add(Invalid($"{path}.values", $"{count} values were found, {expected} were expected with {requirement.Operator}"));
        }

        for (var at = 0; at < count; at++)
        {
            AddValue(problems, $"{path}.values[{at}]", requirement.Values[at]);
        }
    }

    private static void AddKey(List<ContractError> problems, string path, string? key)
    {
        if (key is null || !LabelSyntax.IsKey(key))
        {
            problems.Add(Invalid(path, $"`{Shown(key)}` is no label's key: up to 63 of A-Z a-z 0-9 . _ - with a letter or digit at both ends, after a DNS name and / if need be, were expected"));
        }
    }

    private static void AddValue(List<ContractError> problems, string path, string? value)
    {
        if (value is null || !LabelSyntax.IsValue(value))
        {
            problems.Add(Invalid(path, $"`{Shown(value)}` is no label's value: nothing, or up to 63 of A-Z a-z 0-9 . _ - with a letter or digit at both ends, was expected"));
        }
    }

    private static ContractError Invalid(string path, string message) => new(ContractFault.InvalidSelector, path, message);

    private static string Shown(string? text) => BoundedText.Cut(text ?? "", 80);
}
