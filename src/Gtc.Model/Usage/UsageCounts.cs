namespace Gtc.Model;

/// <summary>What is counted. Sums that would not fit stay at the largest number instead of wrapping.</summary>
/// <param name="Requests">Requests that a revision was given and that are over, whatever the answer.</param>
/// <param name="FlowRuns">Flows that ran to an end, failed ones included.</param>
/// <param name="ComponentCalls">Components that those flows called, built-in ones included.</param>
/// <param name="BytesIn">Bytes of request bodies.</param>
/// <param name="BytesOut">Bytes of answers' bodies.</param>
public readonly record struct UsageCounts(long Requests, long FlowRuns, long ComponentCalls, long BytesIn, long BytesOut)
{
    /// <summary>Whether nothing was counted.</summary>
    public bool IsNothing => this == default;

    /// <summary>Adds.</summary>
    public static UsageCounts operator +(UsageCounts left, UsageCounts right) => new(
        Sum(left.Requests, right.Requests),
        Sum(left.FlowRuns, right.FlowRuns),
        Sum(left.ComponentCalls, right.ComponentCalls),
        Sum(left.BytesIn, right.BytesIn),
        Sum(left.BytesOut, right.BytesOut));

    /// <summary>Adds.</summary>
    public static UsageCounts Add(UsageCounts left, UsageCounts right) => left + right;

    /// <summary>The larger of each. What a worker counts only grows, so this is the later of two readings, in whatever order they come.</summary>
    public UsageCounts Or(UsageCounts other) => new(
        Math.Max(Requests, other.Requests),
        Math.Max(FlowRuns, other.FlowRuns),
        Math.Max(ComponentCalls, other.ComponentCalls),
        Math.Max(BytesIn, other.BytesIn),
        Math.Max(BytesOut, other.BytesOut));

    private static long Sum(long left, long right) => left > long.MaxValue - right ? long.MaxValue : left + right;
}
