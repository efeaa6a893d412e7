using Gtc.Flows.Tests.Engine;

namespace Gtc.Flows.Tests.Sessions;

public sealed class Parked_sessions_are_bounded
{
    private readonly TurnedTime _time = new();

    [Fact]
    public void A_snapshot_is_taken_once()
    {
        var parked = Store();
        parked.Park("a", new byte[] { 1 });
        parked.Park("a", new byte[] { 2 });

        parked.Take("a")!.Value.ToArray().ShouldBe([2]);
        parked.Take("a").ShouldBeNull();
    }

    [Fact]
    public void The_first_are_forgotten_when_there_are_too_many_or_too_large_ones()
    {
        var parked = Store();
        foreach (var key in new[] { "a", "b", "c", "d" })
        {
            parked.Park(key, new byte[1]);
        }

        parked.Take("a").ShouldBeNull();
        parked.Park("large", new byte[99]);
        parked.Take("b").ShouldBeNull();
        parked.Take("c").ShouldBeNull();
        parked.Take("d").ShouldNotBeNull();
        parked.Park("too large", new byte[101]);
        parked.Take("too large").ShouldBeNull();
        parked.Take("large").ShouldNotBeNull();
    }

    [Fact]
    public void An_hour_is_enough()
    {
        var parked = Store();
        parked.Park("a", new byte[1]);
        parked.Park("b", new byte[1]);
        _time.Turn(TimeSpan.FromMinutes(59));
        parked.Take("a").ShouldNotBeNull();
        _time.Turn(TimeSpan.FromMinutes(1));
        parked.Take("b").ShouldBeNull();
    }

    private ParkedInMemory Store() => new(_time, TimeSpan.FromHours(1), maxSessions: 3, maxBytes: 100);
}
