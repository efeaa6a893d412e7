using System.Globalization;

namespace Gtc.Fleet.Operator;

/// <summary>The first 128 bits of a score's SHA-256, as texts <c>sha256:&lt;hex&gt;</c> carry it: enough to tell scores apart, small enough to keep.</summary>
/// <param name="Value">The bits; zero means that no hash was given.</param>
public readonly record struct ScoreId(UInt128 Value)
{
    private const int Digits = 32;

    /// <summary>Stands for a text that is no such hash: it is never that of a score.</summary>
    public static readonly ScoreId Unreadable = new(UInt128.MaxValue);

    /// <summary>Reads the text; an absent one gives the default, anything else <see cref="Unreadable"/>.</summary>
    public static ScoreId Parse(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return default;
        }

        return text.Length == 71 && text.StartsWith("sha256:"u8) && UInt128.TryParse(text.Slice(7, Digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? new ScoreId(value)
            : Unreadable;
    }
}
