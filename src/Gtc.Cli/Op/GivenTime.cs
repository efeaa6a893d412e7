using System.Globalization;
using Gtc.Model;

namespace Gtc.Cli.Op;

/// <summary>A time as people type it: RFC 3339, or an age such as 90s, 15min, 24h or 7d.</summary>
internal static class GivenTime
{
    /// <summary>Reads one.</summary>
    /// <param name="member">What it is called in refusals.</param>
    /// <param name="given">What was typed, or null.</param>
    /// <param name="now">What ages count from.</param>
    public static Outcome<DateTimeOffset?> Read(string member, string? given, DateTimeOffset now)
    {
        if (given is null)
        {
            return (DateTimeOffset?)null;
        }

        var digits = given.TakeWhile(char.IsAsciiDigit).Count();
        var unit = given[digits..] switch
        {
            "s" => TimeSpan.FromSeconds(1),
            "min" => TimeSpan.FromMinutes(1),
            "h" => TimeSpan.FromHours(1),
            "d" => TimeSpan.FromDays(1),
            _ => TimeSpan.Zero,
        };
        if (digits is > 0 and <= 6 && unit > TimeSpan.Zero && unit * int.Parse(given[..digits], CultureInfo.InvariantCulture) is var age && age < now - DateTimeOffset.MinValue)
        {
            return now - age;
        }

        return DateTimeOffset.TryParse(given, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : new Refusal.InvalidArgument($"{member} must be a time such as 2026-11-20T14:00:00Z, or an age such as 24h, found `{given}`");
    }
}
