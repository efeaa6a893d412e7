namespace Gtc.Fleet.Contracts;

/// <summary>What Kubernetes takes as a label's key and value.</summary>
public static class LabelSyntax
{
    /// <summary>The most characters of a value, and of a key without its prefix.</summary>
    public const int MaxName = 63;

    /// <summary>The most characters of a key's prefix.</summary>
    public const int MaxPrefix = 253;

    /// <summary>Whether a text is a label's value: empty, or at most 63 of <c>[A-Za-z0-9._-]</c> with a letter or digit at both ends.</summary>
    public static bool IsValue(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length == 0 || IsName(text);
    }

    /// <summary>Whether a text is a label's key: a name, or a DNS subdomain, a slash and a name.</summary>
    public static bool IsKey(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? IsName(text) : IsSubdomain(text[..slash]) && IsName(text[(slash + 1)..]);
    }

    internal static bool IsSubdomain(string text) =>
        text.Length is > 0 and <= MaxPrefix
        && text.Split('.').All(part => part.Length > 0 && IsLowerOrDigit(part[0]) && IsLowerOrDigit(part[^1]) && part.All(character => IsLowerOrDigit(character) || character == '-'));

    private static bool IsName(string text) =>
        text.Length is > 0 and <= MaxName && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1]) && text.All(IsLegal);

    internal static bool IsLegal(char character) => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-';

    internal static bool IsLowerOrDigit(char character) => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character);
}
