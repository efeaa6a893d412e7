namespace Gtc.Podman.Tests.Streams;

public sealed class Events_go_on_where_they_were_cut
{
    [Fact]
    public async Task None_is_missed_and_none_is_told_twice()
    {
        await using var podman = new ScriptedPodman();
        podman.Streams(Event("start", 4_000_000_000_100) + Event("died", 4_000_000_000_200) + "{\"torn")
            .Streams(Event("start", 4_000_000_000_100) + Event("died", 4_000_000_000_200) + Event("remove", 4_000_000_000_300));
        using var client = podman.Client(new FastClock());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        var seen = new List<string>();
        await foreach (var happened in client.WatchAsync(stop.Token))
        {
            seen.Add($"{happened.Action} {happened.Container} {happened.ExitCode}");
            if (happened.Action == "remove")
            {
                break;
            }
        }

        seen.ShouldBe(["start web 0", "died web 3", "remove web 0"]);
        podman.Requests[0].ShouldContain("events?stream=true&since=1000&filters=%7B%22type%22%3A%5B%22container%22%5D%7D");
        podman.Requests[1].ShouldContain("since=4000&");
    }

    private static string Event(string action, long nanos) =>
        $"{{\"Action\":\"{action}\",\"Actor\":{{\"ID\":\"1\",\"Attributes\":{{\"name\":\"web\",\"containerExitCode\":\"{(action == "died" ? 3 : 0)}\"}}}},\"timeNano\":{nanos}}}\n";

    /// <summary>It is second 1,000, and every pause is over at once.</summary>
    private sealed class FastClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds(1000);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime < TimeSpan.FromSeconds(10) && dueTime > TimeSpan.Zero ? TimeSpan.Zero : dueTime, period);
    }
}
