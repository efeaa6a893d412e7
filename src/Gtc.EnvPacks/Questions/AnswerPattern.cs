using System.Text.RegularExpressions;

namespace Gtc.EnvPacks;

/// <summary>Compiles the patterns of questions. They are matched in linear time, so that a pattern from a pack cannot stall gtc.</summary>
internal static class AnswerPattern
{
    /// <summary>The pattern ready to match, or null when it is none, or asks for what linear time does not allow.</summary>
    public static Regex? Of(string pattern)
    {
        try
        {
            return new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
