namespace Gtc.Fleet.Contracts;

/// <summary>Cuts texts that have a bound.</summary>
public static class BoundedText
{
    /// <summary>An error as payloads carry it: at most <see cref="FleetBounds.MaxErrorLength"/> characters.</summary>
    public static string Error(string text) => Cut(text, FleetBounds.MaxErrorLength);

    /// <summary>The beginning of a text, at most so many characters. A character of two UTF-16 units is never halved.</summary>
    public static string Cut(string text, int length)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (text.Length <= length)
        {
            return text;
        }

        return text[..(length > 0 && char.IsHighSurrogate(text[length - 1]) && char.IsLowSurrogate(text[length]) ? length - 1 : length)];
    }
}
