using System.Collections.Concurrent;

namespace Gtc.Kubernetes.Tests.Watching;

/// <summary>A clock on which pauses are over at once, and are remembered, while time-outs only end when the test moves it on.</summary>
internal sealed class WatchClock : TimeProvider
{
    // The longest pause is shorter, the shortest time-out longer.
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(130);
    private readonly ConcurrentDictionary<Timer, long> _timers = [];
    private long _ticks = new DateTimeOffset(2026, 11, 20, 0, 0, 0, TimeSpan.Zero).Ticks;

    public ConcurrentQueue<TimeSpan> Pauses { get; } = new();

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        if (dueTime < LongestPause)
        {
            Pauses.Enqueue(dueTime);
            ThreadPool.QueueUserWorkItem(_ => callback(state));
        }
        else
        {
            _timers[timer] = GetTimestamp() + dueTime.Ticks;
        }

        return timer;
    }

    public void Advance(TimeSpan by)
    {
        var now = Interlocked.Add(ref _ticks, by.Ticks);
        foreach (var (timer, _) in _timers.Where(pair => pair.Value <= now))
        {
            timer.Fire();
        }
    }

    private sealed class Timer(WatchClock clock, TimerCallback callback, object? state) : ITimer
    {
        public void Fire()
        {
            if (clock._timers.TryRemove(this, out _))
            {
                callback(state);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() => clock._timers.TryRemove(this, out _);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
