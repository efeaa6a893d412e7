namespace Gtc.Fleet.Operator.Tests.Running;

public sealed class A_signal_wakes_one_waiter
{
    [Fact]
    public async Task A_deadline_that_comes_when_the_wait_is_over_does_nothing()
    {
        var time = new LateTime();
        var signal = new Signal();
        signal.Set();
        await signal.WaitAsync(TimeSpan.FromSeconds(1), time, TestContext.Current.CancellationToken);
        time.Fire.ShouldNotBeNull();
        Should.NotThrow(time.Fire);
    }

    [Fact]
    public async Task A_wait_ends_at_its_deadline()
    {
        var time = new ManualTime();
        var waiting = new Signal().WaitAsync(TimeSpan.FromSeconds(1), time, TestContext.Current.CancellationToken);
        waiting.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(1));
        await waiting;
    }

    /// <summary>Its timers fire when the test says so, disposed of or not.</summary>
    private sealed class LateTime : TimeProvider
    {
        public Action? Fire { get; private set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Fire = () => callback(state);
            return new Timer();
        }

        private sealed class Timer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
