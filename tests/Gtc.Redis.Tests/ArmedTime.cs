namespace Gtc.Redis.Tests;

/// <summary>The machine's clock; it tells when a client waits before it connects again, which is when its reason stands.</summary>
internal sealed class ArmedTime : TimeProvider
{
    private readonly TaskCompletionSource _delayed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the first back-off begins: the only timer that this client arms below 50 ms.</summary>
    public Task Delayed => _delayed.Task;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime > TimeSpan.Zero && dueTime < TimeSpan.FromMilliseconds(50))
        {
            _delayed.TrySetResult();
        }

        return base.CreateTimer(callback, state, dueTime, period);
    }
}
