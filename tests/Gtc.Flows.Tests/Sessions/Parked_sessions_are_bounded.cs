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

        Take(parked, "a").ShouldBe([2]);
        Take(parked, "a").ShouldBeNull();
    }

    [Fact]
    public void The_first_are_forgotten_when_there_are_too_many_or_too_large_ones()
    {
        var parked = Store();
        foreach (var key in new[] { "a", "b", "c", "d" })
        {
            parked.Park(key, new byte[1]);
        }

        Take(parked, "a").ShouldBeNull();
        parked.Park("large", new byte[99]);
        Take(parked, "b").ShouldBeNull();
        Take(parked, "c").ShouldBeNull();
        Take(parked, "d").ShouldNotBeNull();
        parked.Park("too large", new byte[101])!.Message.ShouldBe("what it knows so far has 101 bytes, the most is 100");
        Take(parked, "too large").ShouldBeNull();
        Take(parked, "large").ShouldNotBeNull();
    }

    [Fact]
    public void An_hour_is_enough()
    {
        var parked = Store();
        parked.Park("a", new byte[1]);
        parked.Park("b", new byte[1]);
        _time.Turn(TimeSpan.FromMinutes(59));
        Take(parked, "a").ShouldNotBeNull();
        _time.Turn(TimeSpan.FromMinutes(1));
        Take(parked, "b").ShouldBeNull();
    }

    private static byte[]? Take(ParkedInMemory parked, string key) => parked.Take(key, TestContext.Current.CancellationToken).Value?.ToArray();

    private ParkedInMemory Store() => new(_time, new ParkingLimits(TimeSpan.FromHours(1), 3, 100));
}
