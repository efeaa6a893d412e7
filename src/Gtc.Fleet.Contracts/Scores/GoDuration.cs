using System.Buffers;
using System.Globalization;

namespace Gtc.Fleet.Contracts;

/// <summary>Durations as Go and podman write them: <c>1h30m</c>, <c>2.5s</c>, <c>500ms</c>.</summary>
public static class GoDuration
{
    private static readonly (string Unit, double Milliseconds)[] Units = [("ms", 1), ("us", 0.001), ("h", 3_600_000), ("m", 60_000), ("s", 1000)];

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    /// <summary>Reads a duration that is not negative and has at most a day.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        ArgumentNullException.ThrowIfNull(text);
        duration = default;
        var milliseconds = 0.0;
        var rest = text.AsSpan();
        if (rest.Length is 0 or > 32)
        {
            return false;
        }

        while (rest.Length > 0)
        {
            var digits = rest.IndexOfAnyExcept(Digits);
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return text == "0";
            }

            rest = rest[digits..];
            var unit = UnitOf(rest);
            if (unit is null)
            {
                return false;
            }

            milliseconds += number * unit.Value.Milliseconds;
            rest = rest[unit.Value.Unit.Length..];
        }

        duration = milliseconds <= TimeSpan.MillisecondsPerDay ? TimeSpan.FromMilliseconds(milliseconds) : default;
        return milliseconds <= TimeSpan.MillisecondsPerDay;
    }

    private static (string Unit, double Milliseconds)? UnitOf(ReadOnlySpan<char> text)
    {
        foreach (var unit in Units)
        {
            if (text.StartsWith(unit.Unit, StringComparison.Ordinal))
            {
                return unit;
            }
        }

        return null;
    }
}
