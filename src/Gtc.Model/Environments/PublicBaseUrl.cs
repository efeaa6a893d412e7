namespace Gtc.Model;

/// <summary>The rules of a public origin (environment-model.md §1.6).</summary>
public static class PublicBaseUrl
{
    /// <summary>The origin without surrounding white space and trailing slash, or why it is not one.</summary>
    public static Outcome<string> Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var trimmed = text.Trim();
        return Complaint(trimmed) is { } reason
            ? new Refusal.InvalidDocument("InvalidPublicBaseUrl", $"public_base_url `{trimmed}` {reason}")
            : trimmed.TrimEnd('/');
    }

    private static string? Complaint(string text)
    {
        if (text.Length == 0)
        {
            return "must not be empty";
        }

        if (text.Any(char.IsWhiteSpace))
        {
            return "must not contain whitespace";
        }

        var scheme = text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? "http://".Length
            : text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? "https://".Length : 0;
        if (scheme == 0)
        {
            return "must start with http:// or https://";
        }

        if (text.Contains('@', StringComparison.Ordinal))
        {
            return "must not include userinfo";
        }

        if (text.Contains('?', StringComparison.Ordinal))
        {
            return "must not include a query string";
        }

        if (text.Contains('#', StringComparison.Ordinal))
        {
            return "must not include a fragment";
        }

        var slash = text.IndexOf('/', scheme);
        if (slash >= 0 && slash != text.Length - 1)
        {
            return "must be an origin without a path";
        }

        if (text.Length == scheme || text[scheme] is ':' or '/')
        {
            return "must include a host";
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0 ? null : "is not a valid URI";
    }
}
