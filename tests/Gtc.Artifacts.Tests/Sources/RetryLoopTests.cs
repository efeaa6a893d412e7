using Gtc.Artifacts.Sources;
using Gtc.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Artifacts.Tests.Sources;

public class RetryLoopTests
{
    private static readonly FetchTarget Target = new("it could not be done", "here", "Code", "try elsewhere");

    private readonly InstantTime _time = new(TimeSpan.FromSeconds(9));

    private int _steps;

    [Fact]
    public async Task Random_shortens_a_wait_by_up_to_half()
    {
        await RunAsync(PullOptions.Default with { FirstDelay = TimeSpan.FromSeconds(1) }, static () => 0, Failing, jitter: 0.5);

        _time.Waits.Select(static wait => wait.TotalSeconds).ShouldBe([0.75, 1.5, 3]);
    }

    [Fact]
    public async Task Doubling_stops_at_the_longest_delay()
    {
        await RunAsync(PullOptions.Default with { Attempts = 6, LongestDelay = TimeSpan.FromSeconds(1) }, static () => 0, Failing);

        _time.Waits.Select(static wait => wait.TotalSeconds).ShouldBe([0.25, 0.5, 1, 1, 1]);
    }

    [Fact]
    public async Task Slow_failures_end_with_the_window_but_not_before_the_second_attempt()
    {
        await RunAsync(PullOptions.Default, static () => 0, async guard =>
        {
            await Task.Delay(TimeSpan.FromSeconds(8.5), _time, guard.Token);
            return await Failing(guard);
        });

        _steps.ShouldBe(2);
    }

    [Fact]
    public async Task Progress_renews_attempts_and_falling_back_does_not()
    {
        var moved = new Queue<long>([10, 5, 20, 20, 20, 7, 999]);
        await RunAsync(PullOptions.Default, moved.Dequeue, Failing);

        // 20 is new at the third attempt; three more bring nothing.
        _steps.ShouldBe(6);
    }

    [Fact]
    public async Task Endless_progress_has_an_end()
    {
        var moved = 0;
        await RunAsync(PullOptions.Default with { TotalAttempts = 9 }, () => ++moved, Failing);

        _steps.ShouldBe(9);
    }

    [Fact]
    public async Task A_bug_is_not_retried() => await Should.ThrowAsync<InvalidOperationException>(() =>
        RunAsync(PullOptions.Default, static () => 0, static _ => throw new InvalidOperationException()));

    [Fact]
    public async Task A_refusal_says_what_was_tried()
    {
        var refusal = await RunAsync(PullOptions.Default, static () => 1234, Failing);

        refusal.Message.ShouldBe("it could not be done: no luck");
        refusal.Details.Select(static detail => $"{detail.Label}={detail.Value}").ShouldBe(["url=here", "code=Code", "bytes=1,234", "attempts=4", "cause=no luck"]);
        refusal.Next.ShouldBe("try elsewhere");
    }

    private Task<bool> Failing(StallGuard guard) => throw new FetchException("no luck") { Transient = true };

    private async Task<Refusal> RunAsync(PullOptions options, Func<long> moved, Func<StallGuard, Task<bool>> step, double jitter = 0)
    {
        var outcome = await new RetryLoop(options, _time, () => jitter, NullLogger.Instance).RunAsync(
            Target,
            moved,
            guard =>
            {
                _steps++;
                return step(guard);
            },
            TestContext.Current.CancellationToken);
        return outcome.Refusal.ShouldBeOfType<Refusal.FetchFailed>();
    }
}
