using System.Text.Json;

namespace Gtc.Flows;

/// <summary>A route's condition, <c>path == "value"</c> or <c>path != "value"</c>: texts are compared without case, what is missing is the empty text (flows-and-components.md §2.7).</summary>
internal static class RouteCondition
{
    public static bool Holds(string condition, JsonElement output, FlowScope scope)
    {
        var (left, right, isEqual) = Split(condition);
        var found = TemplatePath.Parse(left) is { } path ? Lookup(path.AsSpan(), output, scope) : throw Unreadable(condition);
        return string.Equals(TextOf(found), Unquoted(right), StringComparison.OrdinalIgnoreCase) == isEqual;
    }

    /// <summary>Whether a condition has the form that <see cref="Holds"/> needs.</summary>
    public static bool IsReadable(string condition)
    {
        try
        {
            return TemplatePath.Parse(Split(condition).Left) is not null;
        }
        catch (FlowFault)
        {
            return false;
        }
    }

    /// <summary>A value as the text that conditions and status routes compare.</summary>
    public static string TextOf(JsonElement? value) => value switch
    {
        null => string.Empty,
        { ValueKind: JsonValueKind.Null } => string.Empty,
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { } other => other.GetRawText(),
    };

    private static (string Left, string Right, bool IsEqual) Split(string condition)
    {
        var equal = condition.IndexOf("==", StringComparison.Ordinal);
        var unequal = condition.IndexOf("!=", StringComparison.Ordinal);
        var isEqual = equal >= 0 && (unequal < 0 || equal < unequal);
        var at = isEqual ? equal : unequal;
        return at > 0 ? (condition[..at], condition[(at + 2)..], isEqual) : throw Unreadable(condition);
    }

    private static JsonElement? Lookup(ReadOnlySpan<string> path, JsonElement output, FlowScope scope) => path[0] switch
    {
        "entry" or "in" => scope.InEntry(path[1..]),
        "response" => scope.InResponse(path[1..]),
        _ => TemplatePath.Walk(output, path),
    };

    private static string Unquoted(string text)
    {
        text = text.Trim();
        return text.Length >= 2 && text[0] is '"' or '\'' && text[^1] == text[0] ? text[1..^1] : text;
    }

    private static FlowFault Unreadable(string condition) =>
        new($"the route condition `{condition}` is not of the form path == \"value\" or path != \"value\"");
}
