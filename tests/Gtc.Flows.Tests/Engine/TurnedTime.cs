namespace Gtc.Flows.Tests.Engine;

/// <summary>Time that a test turns by hand. Timers end at once and are remembered, so that nothing waits.</summary>
internal sealed class TurnedTime : TimeProvider
{
    private long _now;

    public List<TimeSpan> Timers { get; } = [];

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Turn(TimeSpan by) => Interlocked.Add(ref _now, by.Ticks);

    public override long GetTimestamp() => Interlocked.Read(ref _now);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        lock (Timers)
        {
            Timers.Add(dueTime);
        }

        callback(state);
        return new Ended();
    }

    private sealed class Ended : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => false;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
