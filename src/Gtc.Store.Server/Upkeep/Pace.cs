namespace Gtc.Store.Server;

/// <summary>Lets work in the background take a bounded share of the time.</summary>
/// <param name="share">The share, over 0 and at most 1.</param>
/// <param name="time">The clock.</param>
internal sealed class Pace(double share, TimeProvider time)
{
    /// <summary>Shorter rests are not worth their timers.</summary>
    private static readonly TimeSpan LeastWork = TimeSpan.FromMilliseconds(20);

    private long _began = time.GetTimestamp();

    /// <summary>Rests for as long as the work since the last rest demands.</summary>
    public async Task RestAsync(CancellationToken cancellationToken)
    {
        var worked = time.GetElapsedTime(_began);
        if (worked >= LeastWork)
        {
            await Task.Delay(worked * ((1 - share) / share), time, cancellationToken);
            _began = time.GetTimestamp();
        }
    }
}
