namespace Gtc.Fleet.Agent.Reconciling;

/// <summary>How long to wait after failures in a row: 1 s, doubling to 5 min, each give or take a fifth (fleet.md §8.3).</summary>
internal static class Backoff
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>The wait.</summary>
    /// <param name="failures">How many there were in a row, from 1.</param>
    /// <param name="random">Between 0 and 1.</param>
    public static TimeSpan After(int failures, double random)
    {
        var plain = failures > 9 ? Longest : First * Math.Pow(2, failures - 1);
        return (plain < Longest ? plain : Longest) * (0.8 + (0.4 * random));
    }
}
