using System.Collections.Immutable;

namespace Gtc.Cli.Payloads;

/// <summary>One <c>key=value</c> or <c>key:=json</c> behind a verb.</summary>
/// <param name="Path">The dotted key.</param>
/// <param name="Value">The text behind the sign.</param>
/// <param name="IsJson">True for <c>:=</c>: the text is JSON whatever the member takes.</param>
internal sealed record Word(string Path, string Value, bool IsJson)
{
    /// <summary>The key's segments.</summary>
    public ImmutableArray<string> Segments => [.. Path.Split('.')];

    /// <summary>Splits a word; null when it has no <c>=</c>, or is an address with a query, and so is a position.</summary>
    public static Word? Parse(string text)
    {
        var sign = text.IndexOf('=', StringComparison.Ordinal);
        if (sign < 0 || text.AsSpan(0, sign).Contains("://", StringComparison.Ordinal))
        {
            return null;
        }

        var isJson = sign > 0 && text[sign - 1] == ':';
        return new(text[..(isJson ? sign - 1 : sign)], text[(sign + 1)..], isJson);
    }

    /// <summary>The word as it is typed.</summary>
    public override string ToString() => $"{Path}{(IsJson ? ":=" : "=")}{Value}";
}
