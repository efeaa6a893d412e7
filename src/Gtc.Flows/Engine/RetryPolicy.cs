namespace Gtc.Flows;

/// <summary>When a component that failed is called again (flows-and-components.md §2.9): only for reasons that may pass.</summary>
/// <param name="MaxAttempts">Calls in all, at least 1.</param>
/// <param name="BaseDelay">The first pause, at least 50 ms; each further one is twice as long.</param>
public sealed record RetryPolicy(int MaxAttempts, TimeSpan BaseDelay)
{
    private const int MostDoublings = 10;
    private const int MostJitterMilliseconds = 1000;

    private static readonly string[] Passing = ["transient", "unavailable", "internal", "timeout"];

    /// <summary>Three calls, a quarter of a second.</summary>
    public static RetryPolicy Standard { get; } = new(3, TimeSpan.FromMilliseconds(250));

    /// <summary>Whether a component is called again.</summary>
    /// <param name="attempt">The call that failed, counted from 1.</param>
    /// <param name="reason">Its code and message.</param>
    public bool Allows(uint attempt, string reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return attempt < MaxAttempts && Array.Exists(Passing, word => reason.Contains(word, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The pause after a call.</summary>
    /// <param name="attempt">The call, counted from 1.</param>
    /// <param name="random">A number from 0 up to and without the given one.</param>
    public TimeSpan Delay(uint attempt, Func<int, int> random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var delay = (BaseDelay < TimeSpan.FromMilliseconds(50) ? TimeSpan.FromMilliseconds(50) : BaseDelay) * (1 << Math.Min(MostDoublings, (int)attempt - 1));
        return delay + TimeSpan.FromMilliseconds(random(Math.Min(MostJitterMilliseconds, Math.Max(1, (int)(delay.TotalMilliseconds / 2)))));
    }
}
