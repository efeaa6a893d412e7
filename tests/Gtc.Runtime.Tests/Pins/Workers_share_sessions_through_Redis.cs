using System.Globalization;
using Gtc.Redis.Tests;

namespace Gtc.Runtime.Tests.Pins;

public sealed class Workers_share_sessions_through_Redis : IDisposable
{
    private const string Session = "x-greentic-session";
    private const string User = "x-greentic-user";

    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);

    private readonly SessionLab _lab = new();
    private long _answered;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _lab.Dispose();

    [Fact]
    [Trait("fact", "dispatcher:6.12")]
    public async Task Concurrent_first_requests_of_a_session_to_two_workers_reach_one_revision()
    {
        using var redis = await RedisServer.StartAsync();
        var (a, b) = await _lab.TwoAsync(5000, 5000);
        await using var one = await BootAsync(redis);
        await using var two = await BootAsync(redis);
        using var left = new WorkerClient(one);
        using var right = new WorkerClient(two);
        var (userOfA, userOfB) = (_lab.KeyOn(first: true), _lab.KeyOn(first: false));
        (await left.GreetAsync((User, userOfA))).IsFrom(a).ShouldBeTrue();
        (await right.GreetAsync((User, userOfB))).IsFrom(b).ShouldBeTrue();

        // The users fall on different revisions; that they share a session is known to the Redis alone.
        for (var number = 0; number < 100; number++)
        {
            var session = $"session-{number}";
            var replies = await Task.WhenAll(left.GreetAsync((User, userOfA), (Session, session)), right.GreetAsync((User, userOfB), (Session, session)));
            replies[0].IsFrom(a).ShouldBe(replies[1].IsFrom(a), session);
            var later = await Task.WhenAll(left.GreetAsync((User, userOfB), (Session, session)), right.GreetAsync((User, userOfA), (Session, session)));
            later.ShouldAllBe(reply => reply.IsFrom(a) == replies[0].IsFrom(a));
        }

        (await UnansweredAsync(left) + await UnansweredAsync(right)).ShouldBe(0);
    }

    [Fact]
    public async Task Pins_of_an_older_generation_die_for_every_worker()
    {
        using var redis = await RedisServer.StartAsync();
        var (a, b) = await _lab.TwoAsync(5000, 5000);
        await using var one = await BootAsync(redis);
        await using var two = await BootAsync(redis);
        using var left = new WorkerClient(one);
        using var right = new WorkerClient(two);
        var session = _lab.KeyOn(first: true);
        (await left.GreetAsync((Session, session))).IsFrom(a).ShouldBeTrue();
        _lab.Route((a, 1), (b, 9999));
        await _lab.TakeOverAsync(left, right);
        (await right.GreetAsync((Session, session))).IsFrom(a).ShouldBeTrue("the other worker's pin counts here too");
        _lab.Route((b, 10_000));
        await _lab.TakeOverAsync(left, right);
        (await right.GreetAsync((Session, session))).IsFrom(b).ShouldBeTrue();
        _lab.Route((a, 9999), (b, 1));
        await _lab.TakeOverAsync(left, right);
        (await left.GreetAsync((Session, session))).IsFrom(b).ShouldBeTrue("the new pin counts, not the old one and not the slot");
    }

    [Fact]
    public async Task Redis_may_die_and_come_back_under_load()
    {
        using var redis = await RedisServer.StartAsync();
        var (a, b) = await _lab.TwoAsync(5000, 5000);
        await using var one = await BootAsync(redis);
        await using var two = await BootAsync(redis);
        using var left = new WorkerClient(one);
        using var right = new WorkerClient(two);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var load = Enumerable.Range(0, 8).Select(number => Task.Run(() => LoadAsync(number % 2 == 0 ? left : right, number, over), Token)).ToArray();
        for (var round = 0; round < 3; round++)
        {
            await AnsweredAsync(500);
            redis.Kill();
            await Eventually.HoldsAsync(async () => !await IsReachableAsync(left) && !await IsReachableAsync(right));
            var before = await UnansweredAsync(left);
            await AnsweredAsync(500);
            (await UnansweredAsync(left)).ShouldBeGreaterThan(before);

            // Without pins the session's own key decides, and it decides alike everywhere.
            var lost = _lab.KeyOn(first: true, skip: round);
            (await left.GreetAsync((Session, lost))).IsFrom(a).ShouldBeTrue();
            (await right.GreetAsync((Session, lost))).IsFrom(a).ShouldBeTrue();
            await redis.StartAsync();
            await Eventually.HoldsAsync(async () => await IsReachableAsync(left) && await IsReachableAsync(right));
        }

        await over.CancelAsync();
        (await Task.WhenAll(load)).ShouldAllBe(failures => failures == 0);
        TestContext.Current.TestOutputHelper?.WriteLine($"{_answered} answered, {await UnansweredAsync(left) + await UnansweredAsync(right)} calls of pins unanswered");

        // Pins are back: the first of two different users decides for both.
        await left.GreetAsync((User, _lab.KeyOn(first: false)), (Session, "after"));
        (await right.GreetAsync((User, _lab.KeyOn(first: true)), (Session, "after"))).IsFrom(b).ShouldBeTrue();
        var metrics = await (await left.GetAsync("/metrics")).Content.ReadAsStringAsync(Token);
        metrics.ShouldContain($"gtc_session_pins_unanswered_total {await UnansweredAsync(left)}");
        metrics.ShouldContain("gtc_session_pins_reachable 1");
        await Eventually.HoldsAsync(() => Lines("are answered again") >= 2);
        Lines("cannot be had").ShouldBeGreaterThanOrEqualTo(2);
    }

    private int Lines(string part) => _lab.Worker.Logs.Lines.Count(line => line.Text.Contains(part, StringComparison.Ordinal));

    private async Task<WorkerHost> BootAsync(RedisServer redis)
    {
        var worker = await _lab.BootAsync($"redis://127.0.0.1:{redis.Port}", Soon);
        using var client = new WorkerClient(worker);
        await Eventually.HoldsAsync(() => IsReachableAsync(client));
        return worker;
    }

    /// <summary>Asks without a pause until it is told to end.</summary>
    /// <returns>How many requests failed.</returns>
    private async Task<int> LoadAsync(WorkerClient client, int number, CancellationTokenSource over)
    {
        var failures = 0;
        for (var request = 0; !over.IsCancellationRequested; request++)
        {
            var reply = await client.GreetAsync((Session, string.Create(CultureInfo.InvariantCulture, $"load-{number}-{request % 50}")));
            failures += reply.Status == 200 ? 0 : 1;
            Interlocked.Increment(ref _answered);
        }

        return failures;
    }

    private Task AnsweredAsync(int more)
    {
        var until = Interlocked.Read(ref _answered) + more;
        return Eventually.HoldsAsync(() => Interlocked.Read(ref _answered) >= until);
    }

    private static async Task<bool> IsReachableAsync(WorkerClient client) => (await client.StatusAsync()).GetProperty("pins").GetProperty("reachable").GetBoolean();

    private static async Task<long> UnansweredAsync(WorkerClient client) => (await client.StatusAsync()).GetProperty("pins").GetProperty("unanswered").GetInt64();
}
