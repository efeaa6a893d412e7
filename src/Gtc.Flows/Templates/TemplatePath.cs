using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Gtc.Flows;

/// <summary>A path into the template context: dotted names, <c>[0]</c>, <c>["key"]</c>, an optional <c>this.</c> in front (flows-and-components.md §2.6).</summary>
internal static class TemplatePath
{
    private const string NotFirst = "#/^>!&*@";

    private static readonly SearchValues<char> NotInNames = SearchValues.Create("[]{}\"'()=|~ \t\r\n");

    /// <summary>Reads a path.</summary>
    /// <returns>Its segments, or null when the text is not a path (a block, a helper call, an empty text).</returns>
    public static ImmutableArray<string>? Parse(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (text.StartsWith("this.", StringComparison.Ordinal))
        {
            text = text["this.".Length..];
        }

        if (text.IsEmpty || NotFirst.Contains(text[0], StringComparison.Ordinal))
        {
            return null;
        }

        var segments = ImmutableArray.CreateBuilder<string>();
        while (!text.IsEmpty)
        {
            var segment = text[0] == '[' ? Bracketed(ref text) : Name(ref text, first: segments.Count == 0);
            if (segment is null)
            {
                return null;
            }

            segments.Add(segment);
        }

        return segments.ToImmutable();
    }

    /// <summary>The segments of a JSON pointer (RFC 6901), which begins with a slash.</summary>
    public static ImmutableArray<string> FromPointer(string pointer) =>
        [.. pointer[1..].Split('/').Select(segment => segment.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];

    /// <summary>Follows segments from a value: members of objects, positions of arrays.</summary>
    public static JsonElement? Walk(JsonElement value, ReadOnlySpan<string> segments)
    {
        foreach (var segment in segments)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Object when value.TryGetProperty(segment, out var member):
                    value = member;
                    break;
                case JsonValueKind.Array when int.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < value.GetArrayLength():
                    value = value[index];
                    break;
                default:
                    return null;
            }
        }

        return value;
    }

    private static string? Name(ref ReadOnlySpan<char> text, bool first)
    {
        if (!first)
        {
            if (text[0] != '.')
            {
                return null;
            }

            text = text[1..];
        }

        var length = text.IndexOfAny('.', '[');
        var name = length < 0 ? text : text[..length];
        text = text[name.Length..];
        return name.IsEmpty || name.ContainsAny(NotInNames) ? null : name.ToString();
    }

    private static string? Bracketed(ref ReadOnlySpan<char> text)
    {
        var inside = text[1..];
        if (!inside.IsEmpty && inside[0] is '"' or '\'')
        {
            var quote = inside[0];
            var end = inside[1..].IndexOf(quote);
            if (end < 0 || inside.Length <= end + 2 || inside[end + 2] != ']')
            {
                return null;
            }

            text = inside[(end + 3)..];
            return inside[1..(end + 1)].ToString();
        }

        var close = inside.IndexOf(']');
        if (close <= 0 || inside[..close].ContainsAnyExceptInRange('0', '9'))
        {
            return null;
        }

        text = inside[(close + 1)..];
        return inside[..close].ToString();
    }
}
