using System.Collections.Concurrent;
using Gtc.Model;
using Gtc.Redis;
using Gtc.Redis.Tests;
using static Gtc.Routing.Tests.Pins.PinSamples;

namespace Gtc.Routing.Tests.Pins;

public class Pins_are_shared_through_Redis
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_stores_agree_on_who_came_first()
    {
        using var server = await RedisServer.StartAsync();
        await using var one = await ConnectAsync(server);
        await using var two = await ConnectAsync(server);
        var left = new RedisPins(one);
        var right = new RedisPins(two);
        await Parallel.ForEachAsync(Enumerable.Range(0, 300), Cancel, async (session, token) =>
        {
            var key = Key($"chat:{session} ü|%");
            var results = await Task.WhenAll(left.InsertAsync(key, A, 3, token).AsTask(), right.InsertAsync(key, B, 3, token).AsTask());
            results.Select(result => result.Outcome).ShouldBe([PinOutcome.Inserted, PinOutcome.Existing], ignoreOrder: true);
            results[0].Revision.ShouldBe(results[1].Revision);
            (await left.FindAsync(key, 3, token)).ShouldBe(results[0].Revision);
            (await right.FindAsync(key, 3, token)).ShouldBe(results[0].Revision);
        });
        (left.Unanswered + right.Unanswered).ShouldBe(0);
    }

    [Fact]
    public async Task Keys_and_values_have_the_written_form()
    {
        using var server = await RedisServer.StartAsync();
        await using var redis = await ConnectAsync(server);
        var before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        await new RedisPins(redis).InsertAsync(Key("a b:c", "acme:eu"), A, ulong.MaxValue, Cancel);
        var key = $"gt:rev_pin:local:{Deployment}:acme%3Aeu:a%20b%3Ac";
        var value = (await redis.GetAsync(key, Cancel)).Reply!.Text.Split('|');
        value[..2].ShouldBe([A.ToString(), "18446744073709551615"]);
        long.Parse(value[2]).ShouldBeInRange(before + 3600, before + 3620);
        (await redis.CallAsync(["PTTL", key], Cancel)).Reply!.Number.ShouldBeInRange(3_500_000, 3_600_000);
        (await redis.CallAsync(["ZRANGE", $"gt:rev_pin_set:local:{Deployment}:acme:eu", 0, -1], Cancel)).Reply!.Items.ShouldHaveSingleItem().Text.ShouldBe(key);
        (await new RedisPins(redis).FindAsync(Key("a b:c", "acme:eu"), ulong.MaxValue, Cancel)).ShouldBe(A);
    }

    [Fact]
    public async Task A_pin_of_an_earlier_generation_is_dropped_and_one_of_a_later_is_let_be()
    {
        using var server = await RedisServer.StartAsync();
        await using var redis = await ConnectAsync(server);
        var pins = new RedisPins(redis);
        await pins.InsertAsync(Key("h"), A, 9, Cancel);
        (await pins.FindAsync(Key("h"), 8, Cancel)).ShouldBeNull();
        (await pins.InsertAsync(Key("h"), B, 8, Cancel)).ShouldBe(PinResult.Skipped);
        (await pins.InsertAsync(Key("h"), B, 10, Cancel)).ShouldBe(new PinResult(PinOutcome.Inserted, B));
        (await pins.FindAsync(Key("h"), 11, Cancel)).ShouldBeNull();
        (await redis.CallAsync(["DBSIZE"], Cancel)).Reply!.Number.ShouldBe(0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("01J9ZQ3F5E8M7X2K4T6V8Y0A1A|x|1")]
    [InlineData("01J9ZQ3F5E8M7X2K4T6V8Y0A1A|1|99999999999|more|and|more")]
    public async Task A_value_that_is_no_pin_is_dropped(string value)
    {
        using var server = await RedisServer.StartAsync();
        await using var redis = await ConnectAsync(server);
        var pins = new RedisPins(redis);
        await redis.SetAsync($"gt:rev_pin:local:{Deployment}:acme:h", value, null, onlyIfAbsent: false, Cancel);
        (await pins.FindAsync(Key("h"), 1, Cancel)).ShouldBeNull();
        (await redis.CallAsync(["DBSIZE"], Cancel)).Reply!.Number.ShouldBe(0);
        (await pins.InsertAsync(Key("h"), B, 1, Cancel)).Outcome.ShouldBe(PinOutcome.Inserted);
    }

    [Fact]
    public async Task A_tenant_has_no_more_than_its_cap_and_loses_what_would_end_soonest()
    {
        using var server = await RedisServer.StartAsync();
        await using var redis = await ConnectAsync(server);
        var pins = new RedisPins(redis, 20);
        for (var session = 0; session < 50; session++)
        {
            (await pins.InsertAsync(Key($"{session}"), A, 1, Cancel)).Outcome.ShouldBe(PinOutcome.Inserted);
        }

        await pins.InsertAsync(Key("0", "other"), A, 1, Cancel);
        for (var session = 0; session < 50; session++)
        {
            (await pins.FindAsync(Key($"{session}"), 1, Cancel)).HasValue.ShouldBe(session >= 30, $"session {session}");
        }

        (await pins.FindAsync(Key("0", "other"), 1, Cancel)).ShouldBe(A);
        (await redis.CallAsync(["DBSIZE"], Cancel)).Reply!.Number.ShouldBe(20 + 1 + 2);
    }

    [Fact]
    public async Task A_server_that_hangs_costs_a_call_its_timeout_and_is_counted()
    {
        using var server = await RedisServer.StartAsync();
        await using var redis = await ConnectAsync(server, server.Options with { CallTimeout = TimeSpan.FromMilliseconds(50) });
        var pins = new RedisPins(redis);
        await using var other = await ConnectAsync(server);
        (await other.CallAsync(["CLIENT", "PAUSE", 60_000, "ALL"], Cancel)).IsDone.ShouldBeTrue();
        var began = TimeProvider.System.GetTimestamp();
        (await pins.FindAsync(Key("h"), 1, Cancel)).ShouldBeNull();
        TimeProvider.System.GetElapsedTime(began).TotalMilliseconds.ShouldBeInRange(45, 30_000);
        (await pins.InsertAsync(Key("h"), A, 1, Cancel)).ShouldBe(PinResult.Skipped);
        pins.Unanswered.ShouldBe(2);
    }

    [Fact]
    public async Task Redis_killed_and_started_again_under_load_fails_no_call_and_pins_again()
    {
        using var server = await RedisServer.StartAsync();
        await using var redis = await ConnectAsync(server, server.Options with { CallTimeout = TimeSpan.FromSeconds(2), FirstBackoff = TimeSpan.FromMilliseconds(5), LongestBackoff = TimeSpan.FromMilliseconds(50) });
        var pins = new RedisPins(redis);
        var dispatcher = new SessionDispatcher(new Dispatcher(null), pins, EnvId.Local);
        var route = Route(1, (A, 5000), (B, 5000));
        var seen = new ConcurrentDictionary<string, RevisionId>();
        var calls = 0;
        var stages = Enumerable.Range(0, 3).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).ToArray();
        var stage = 0;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        async Task LoadAsync(int worker)
        {
            for (var number = 0; !ending.IsCancellationRequested; number++)
            {
                var hint = $"{worker}.{number % 500}";
                var caller = new SessionCaller { Hint = hint, Key = System.Text.Encoding.UTF8.GetBytes(hint) };
                var choice = (await dispatcher.ChooseAsync(route, caller, 0, default, Cancel)).ShouldNotBeNull();
                var kept = await dispatcher.KeepAsync(route, hint, choice, Cancel);

                // With or without the pins the same caller gets the same revision, as long as the shares stay.
                seen.GetOrAdd(hint, kept.Revision.Revision).ShouldBe(kept.Revision.Revision);
                if (Interlocked.Increment(ref calls) % 2000 == 0)
                {
                    stages[Volatile.Read(ref stage)].TrySetResult();
                }

                // While Redis is away nothing waits, and the client needs a thread too.
                await Task.Yield();
            }
        }

        var load = Enumerable.Range(0, 8).Select(worker => Task.Run(() => LoadAsync(worker), Cancel)).ToArray();
        await stages[0].Task.WaitAsync(Patience, Cancel);
        pins.Unanswered.ShouldBe(0);
        server.Kill();
        Volatile.Write(ref stage, 1);
        await stages[1].Task.WaitAsync(Patience, Cancel);
        await server.StartAsync();
        while (redis.Connects < 2)
        {
            // It may not have noticed the loss yet.
            await Task.Yield();
            await redis.ConnectedAsync(Cancel).WaitAsync(Patience, Cancel);
        }

        Volatile.Write(ref stage, 2);
        await stages[2].Task.WaitAsync(Patience, Cancel);
        await ending.CancelAsync();
        await Task.WhenAll(load);
        pins.Unanswered.ShouldBeGreaterThan(0);
        redis.Connects.ShouldBe(2);
        var lost = pins.Unanswered;
        (await pins.InsertAsync(Key("after"), A, 1, Cancel)).Outcome.ShouldBe(PinOutcome.Inserted);
        (await pins.FindAsync(Key("after"), 1, Cancel)).ShouldBe(A);
        pins.Unanswered.ShouldBe(lost);
    }

    private static Task<RedisClient> ConnectAsync(RedisServer server) => ConnectAsync(server, server.Options);

    private static async Task<RedisClient> ConnectAsync(RedisServer server, RedisOptions options)
    {
        var client = new RedisClient(options, TimeProvider.System, () => 0.5);
        await client.ConnectedAsync(Cancel).WaitAsync(Patience, Cancel);
        server.Port.ShouldBe(options.Port);
        return client;
    }
}
