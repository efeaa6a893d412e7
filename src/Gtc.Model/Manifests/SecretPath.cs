namespace Gtc.Model;

/// <summary>The address of a secret within an environment, <c>tenant/team/pack/name</c> (op-cli.md §6.4).</summary>
public static class SecretPath
{
    /// <summary>The path without a leading slash, or why it is none. The default team is spelled <c>_</c> and nothing else.</summary>
    public static Outcome<string> Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var path = text.TrimStart('/');
        var segments = path.Split('/');
        if (segments.Length != 4 || segments.Any(segment => segment.Length == 0))
        {
            return Refused(text, $"it must be <tenant>/<team>/<pack>/<name>, {segments.Length} segments were found");
        }

        if (segments[1].Equals("default", StringComparison.OrdinalIgnoreCase))
        {
            return Refused(text, "the default team is spelled `_`");
        }

        if (segments[..3].FirstOrDefault(segment => segment is "." or ".." || !segment.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '_' or '-')) is { } stranger)
        {
            return Refused(text, $"segment `{stranger}` must be [a-z0-9._-]+ and not a dot segment");
        }

        return segments[3].Split('_').All(word => word.Length > 0 && word.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)))
            ? path
            : Refused(text, $"name `{segments[3]}` must be words of [a-z0-9] joined by single underscores");
    }

    private static Refusal.InvalidArgument Refused(string text, string why) => new($"secret path `{text}` is refused: {why}");
}
