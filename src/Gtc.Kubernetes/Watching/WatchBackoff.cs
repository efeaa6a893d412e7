namespace Gtc.Kubernetes;

/// <summary>How long is waited after each failure: twice as long as before, up to a limit, spread so that many clients do not come back at once.</summary>
/// <param name="jitter">A number from 0 up to 1, another one each time.</param>
internal sealed class WatchBackoff(Func<double> jitter)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(0.8);
    private static readonly TimeSpan LongestWish = TimeSpan.FromMinutes(2);

    private TimeSpan _next = First;

    /// <summary>After health: the next failure is a new one.</summary>
    public void Reset() => _next = First;

    /// <summary>The next pause: within a quarter of the nominal one, and no shorter than what the server wishes.</summary>
    /// <param name="wish">What the server wishes.</param>
    /// <param name="longest">The longest nominal pause.</param>
    public TimeSpan Next(TimeSpan? wish, TimeSpan longest)
    {
        var pause = _next * (0.75 + (jitter() / 2));
        _next = _next * 2 < longest ? _next * 2 : longest;
        var wanted = wish is { } asked && asked < LongestWish ? asked : wish is null ? TimeSpan.Zero : LongestWish;
        return pause > wanted ? pause : wanted;
    }
}
