using System.Threading.Channels;

namespace Gtc.Podman.Tests;

/// <summary>A clock that a test moves by hand; it can wait until a timer was set.</summary>
internal sealed class HandClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<HandTimer> _timers = [];
    private readonly Channel<bool> _changed = Channel.CreateUnbounded<bool>();
    private DateTimeOffset _now = new(2026, 5, 3, 12, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now.UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new HandTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Ends when some timer is due exactly so long from now.</summary>
    public async Task Armed(TimeSpan dueIn)
    {
        while (true)
        {
            lock (_gate)
            {
                if (_timers.Any(timer => timer.Due == _now + dueIn))
                {
                    return;
                }
            }

            await _changed.Reader.ReadAsync(TestContext.Current.CancellationToken);
        }
    }

    public void Advance(TimeSpan by)
    {
        HandTimer[] due;
        lock (_gate)
        {
            _now += by;
            due = [.. _timers.Where(timer => timer.Due <= _now)];
            _timers.RemoveAll(due.Contains);
        }

        foreach (var timer in due)
        {
            timer.Fire();
        }
    }

    private sealed class HandTimer(HandClock clock, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset Due { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                clock._timers.Remove(this);
                if (dueTime >= TimeSpan.Zero)
                {
                    Due = clock._now + dueTime;
                    clock._timers.Add(this);
                }
            }

            clock._changed.Writer.TryWrite(true);
            return true;
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
