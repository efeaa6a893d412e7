using System.Text;

namespace Gtc.Fleet.Contracts;

/// <summary>
/// The grammar that device ids and deployment names share (fleet.md §4.1): <c>[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?</c>. It is at once a Kubernetes
/// name, a label value, one NATS token, a part of a key and a part of a container's name, so nothing is ever escaped.
/// </summary>
public static class FleetName
{
    /// <summary>The most characters.</summary>
    public const int MaxLength = 63;

    /// <summary>The grammar as a regular expression.</summary>
    public const string Pattern = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$";

    /// <summary>Whether a text is in the grammar.</summary>
    public static bool IsValid(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > MaxLength || text[0] == '-' || text[^1] == '-')
        {
            return false;
        }

        foreach (var character in text)
        {
            if (!(char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether UTF-8 bytes are in the grammar.</summary>
    public static bool IsValid(ReadOnlySpan<byte> text)
    {
        if (text.Length is 0 or > MaxLength || text[0] == (byte)'-' || text[^1] == (byte)'-')
        {
            return false;
        }

        foreach (var octet in text)
        {
            if (!(octet is >= (byte)'a' and <= (byte)'z' or >= (byte)'0' and <= (byte)'9' or (byte)'-'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A name in the grammar that is close to a text, for the refusal of one that is not; null when nothing of it is left.</summary>
    public static string? Suggest(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var name = new StringBuilder();
        foreach (var character in text)
        {
            var lower = char.ToLowerInvariant(character);
            var isPlain = char.IsAsciiLetterLower(lower) || char.IsAsciiDigit(lower);
            if (isPlain || (name.Length > 0 && name[^1] != '-'))
            {
                name.Append(isPlain ? lower : '-');
            }

            if (name.Length == MaxLength)
            {
                break;
            }
        }

        var suggested = name.ToString().Trim('-');
        return suggested.Length == 0 ? null : suggested;
    }

    internal static ContractError Refuse(string what, string text)
    {
        var hint = Suggest(text) is { } suggested ? $"; `{suggested}` would be" : "";
        return new ContractError(ContractFault.InvalidName, "", $"`{BoundedText.Cut(text, 80)}` is no {what}: 1 to 63 of a-z, 0-9 and -, none of them - at either end, were expected{hint}");
    }
}
