namespace Gtc.Kubernetes.Tests.Watching;

/// <content>How long is waited after what failed.</content>
public partial class Objects_are_followed
{
    [Fact]
    public async Task Pauses_double_up_to_half_a_minute_and_begin_anew_after_health()
    {
        await using var api = new RawApi(async (_, number, answer) =>
        {
            switch (number)
            {
                case < 8:
                    await answer.WholeAsync("{}", 500);
                    break;
                case 8:
                    await answer.ListAsync("5", "");
                    break;
                case 9:
                    await answer.BeginAsync();
                    _clock.Advance(TimeSpan.FromSeconds(121));
                    break;
                default:
                    await answer.WholeAsync("{}", 500);
                    break;
            }
        });
        var pauses = (await ChangesAsync(api, Scope, 8 * 2 + 2 + 2)).OfType<WatchChange.Interrupted>().Select(change => change.Pause.TotalSeconds).ToList();
        pauses.ShouldBe([0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30, 0.8, 1.6]);
        _clock.Pauses.Take(9).Select(pause => pause.TotalSeconds).ShouldBe(pauses.Take(9));
    }

    [Fact]
    public async Task A_watch_that_is_ended_early_again_and_again_but_brings_something_each_time_is_taken_up_soon()
    {
        await using var api = new RawApi((_, number, answer) => number == 0 ? answer.ListAsync("5", "") : PlayAsync(answer, ("ADDED", $"o{number}", $"{5 + number}")));

        var pauses = (await ChangesAsync(api, Scope, 2 + (6 * 2))).OfType<WatchChange.Interrupted>().Select(change => change.Pause.TotalSeconds);

        pauses.ShouldBe(Enumerable.Repeat(0.8, 6));
    }

    [Fact]
    public async Task A_busy_server_is_asked_again_when_it_wants_to_be()
    {
        await using var api = new RawApi((_, number, answer) => number switch
        {
            0 => answer.WholeAsync("{}", 429, "Retry-After: 3\r\n"),
            1 => answer.ListAsync("5", ""),
            2 => answer.WholeAsync("{}", 429, "Retry-After: 17\r\n"),
            _ => PlayAsync(answer, ("ADDED", "a", "6")),
        });
        var changes = await ChangesAsync(api, Scope, 4);
        changes[2].ShouldBeOfType<WatchChange.Interrupted>().Pause.ShouldBe(TimeSpan.FromSeconds(17));
        _clock.Pauses.ShouldBe([TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(17)]);
    }
}
