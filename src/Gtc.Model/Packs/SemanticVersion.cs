namespace Gtc.Model;

/// <summary>The grammar of Semantic Versioning 2.0.0 (semver.org). Versions stay text; only their form is checked.</summary>
public static class SemanticVersion
{
    private const int MaxLength = 128;

    /// <summary>True for <c>major.minor.patch[-pre][+build]</c> without leading zeros, at most 128 characters.</summary>
    public static bool IsValid(ReadOnlySpan<char> text)
    {
        if (text.Length > MaxLength)
        {
            return false;
        }

        var plus = text.IndexOf('+');
        if (plus >= 0 && !AreIdentifiers(text[(plus + 1)..], numericMayLeadWithZero: true))
        {
            return false;
        }

        var core = plus < 0 ? text : text[..plus];
        var dash = core.IndexOf('-');
        if (dash >= 0 && !AreIdentifiers(core[(dash + 1)..], numericMayLeadWithZero: false))
        {
            return false;
        }

        var numbers = dash < 0 ? core : core[..dash];
        var count = 0;
        foreach (var range in numbers.Split('.'))
        {
            count++;
            if (!IsNumber(numbers[range]))
            {
                return false;
            }
        }

        return count == 3;
    }

    private static bool AreIdentifiers(ReadOnlySpan<char> text, bool numericMayLeadWithZero)
    {
        foreach (var range in text.Split('.'))
        {
            var identifier = text[range];
            if (identifier.IsEmpty || identifier.ContainsAnyExcept(IdentifierCharacters))
            {
                return false;
            }

            var isNumeric = !identifier.ContainsAnyExceptInRange('0', '9');
            if (isNumeric && !numericMayLeadWithZero && !IsNumber(identifier))
            {
                return false;
            }
        }

        return true;
    }

    private static readonly System.Buffers.SearchValues<char> IdentifierCharacters =
        System.Buffers.SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-");

    private static bool IsNumber(ReadOnlySpan<char> text) =>
        !text.IsEmpty && !text.ContainsAnyExceptInRange('0', '9') && (text.Length == 1 || text[0] != '0');
}
