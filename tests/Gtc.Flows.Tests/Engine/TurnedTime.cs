namespace Gtc.Flows.Tests.Engine;

/// <summary>Time that a test turns by hand.</summary>
internal sealed class TurnedTime : TimeProvider
{
    private long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Turn(TimeSpan by) => _now += by.Ticks;

    public override long GetTimestamp() => _now;
}
