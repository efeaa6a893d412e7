using System.Diagnostics;
using System.Globalization;

namespace Gtc.Wasm.Bench;

/// <summary>Takes times and prints them.</summary>
internal static class Measure
{
    /// <summary>The shortest of several runs.</summary>
    public static TimeSpan Best(int times, Action action)
    {
        var best = TimeSpan.MaxValue;
        for (var time = 0; time < times; time++)
        {
            var start = Stopwatch.GetTimestamp();
            action();
            var took = Stopwatch.GetElapsedTime(start);
            best = took < best ? took : best;
        }

        return best;
    }

    /// <summary>Does it several times.</summary>
    public static void Repeat(int times, Action action)
    {
        for (var time = 0; time < times; time++)
        {
            action();
        }
    }

    /// <summary>Prints a line that <c>run</c> reads: name, result or count, time.</summary>
    public static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
