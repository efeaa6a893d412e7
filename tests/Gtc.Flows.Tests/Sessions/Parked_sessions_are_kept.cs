using System.Text.Json;
using Gtc.Model;
using Gtc.Redis.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Flows.Tests.Sessions;

/// <summary>What any store of parked sessions promises, on memory and on a real Redis.</summary>
public sealed class Parked_sessions_are_kept
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_snapshot_is_taken_once_and_the_last_one_counts(bool inRedis)
    {
        using var server = inRedis ? await RedisServer.StartAsync() : null;
        await using var redis = Connect(server);
        var parked = Store(redis, ParkingLimits.Standard);

        Take(parked, "a").ShouldBeNull();
        parked.Park("a", new byte[] { 1 }).ShouldBeNull();
        parked.Park("a", new byte[] { 2, 0, 255 }).ShouldBeNull();
        parked.Park("b", new byte[] { 3 }).ShouldBeNull();
        Take(parked, "a").ShouldBe([2, 0, 255]);
        Take(parked, "a").ShouldBeNull();
        Take(parked, "b").ShouldBe([3]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Only_one_of_many_takes_it(bool inRedis)
    {
        using var server = inRedis ? await RedisServer.StartAsync() : null;
        await using var redis = Connect(server);
        var parked = Store(redis, ParkingLimits.Standard);
        parked.Park("a", new byte[] { 1 }).ShouldBeNull();

        var taken = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => Take(parked, "a"))));

        taken.Count(snapshot => snapshot is not null).ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_first_are_forgotten_when_there_are_too_many_and_what_is_too_large_is_refused(bool inRedis)
    {
        using var server = inRedis ? await RedisServer.StartAsync() : null;
        await using var redis = Connect(server);
        var parked = Store(redis, new ParkingLimits(TimeSpan.FromHours(1), 3, 1 << 20));
        foreach (var key in new[] { "a", "b", "c", "a", "d" })
        {
            parked.Park(key, new byte[1]).ShouldBeNull();
        }

        Take(parked, "b").ShouldBeNull();
        Take(parked, "a").ShouldNotBeNull();
        Take(parked, "c").ShouldNotBeNull();
        Take(parked, "d").ShouldNotBeNull();
        parked.Park("large", new byte[1 << 20]).ShouldBeNull();
        Take(parked, "large")!.Length.ShouldBe(1 << 20);
        parked.Park("larger", new byte[(1 << 20) + 1])!.Message.ShouldBe("what it knows so far has 1048577 bytes, the most is 1048576");
    }

    [Fact]
    public async Task In_redis_a_session_ends_by_itself_and_so_does_what_is_known_of_it()
    {
        using var server = await RedisServer.StartAsync();
        await using var redis = Connect(server);
        var parked = Store(redis, new ParkingLimits(TimeSpan.FromMilliseconds(1), 3, 100));
        parked.Park("a", new byte[1]).ShouldBeNull();

        await using var client = new Gtc.Redis.RedisClient(server.Options, TimeProvider.System, () => 0);
        await client.ConnectedAsync(TestContext.Current.CancellationToken);
        long left;
        do
        {
            left = (await client.CallAsync(["DBSIZE"], TestContext.Current.CancellationToken)).Reply!.Number;
        }
        while (left > 0);

        Take(parked, "a").ShouldBeNull();
    }

    [Fact]
    public async Task Revisions_do_not_see_each_others_sessions()
    {
        using var server = await RedisServer.StartAsync();
        await using var redis = Connect(server);
        redis!.SessionsOf("rev1", ParkingLimits.Standard).Park("a", new byte[1]).ShouldBeNull();

        Take(redis.SessionsOf("rev2", ParkingLimits.Standard), "a").ShouldBeNull();
        Take(redis.SessionsOf("rev1", ParkingLimits.Standard), "a").ShouldNotBeNull();
    }

    [Fact]
    public async Task A_worker_that_is_restarted_goes_on_where_the_session_waits()
    {
        using var server = await RedisServer.StartAsync();
        await using (var redis = Connect(server))
        using (var before = Runtime(redis!.SessionsOf("rev1", ParkingLimits.Standard)))
        {
            Say(before, """{"text":"hi"}""").Texts().ShouldBe(["\"Your name?\""]);
        }

        await using var again = Connect(server);
        using var after = Runtime(again!.SessionsOf("rev1", ParkingLimits.Standard));
        Say(after, """{"text":"Ada"}""").Texts().ShouldBe(["\"Hello Ada; you were asked: Your name? by hi\""]);
        Say(after, """{"text":"hi"}""").Texts().ShouldBe(["\"Your name?\""]);
    }

    [Fact]
    public async Task When_nobody_knows_whether_a_session_waits_the_message_is_answered_with_an_error()
    {
        await using var redis = FlowRedis.Connect($"redis://127.0.0.1:{RedisServer.FreePort()}", null, "", TimeProvider.System, () => 0, TimeSpan.FromMilliseconds(50)).Value;
        using var runtime = Runtime(redis.SessionsOf("rev1", ParkingLimits.Standard));

        Say(runtime, "{}").Error().ShouldStartWith("the session cannot be looked up: the store of sessions does not answer: ");
    }

    [Theory]
    [InlineData("""{"Next":{"node_id":"b"}}""", false)]
    [InlineData("""{"Custom":[]}""", false)]
    [InlineData("""{"Custom":[{"condition":"response.text == \"x\"","to":"b"},{"to":"b"}]}""", false)]
    [InlineData("""{"Custom":[{"status":"ok","to":"b"},{"out":true}]}""", false)]
    [InlineData("""{"Custom":[{"condition":"response.text == \"x\"","to":"b"}]}""", true)]
    [InlineData("""{"Custom":[{"status":"ok","to":"b"},{"comment":"none"}]}""", true)]
    public void Sessions_are_looked_up_for_packs_alone_whose_flows_may_wait(string routing, bool mayWait)
    {
        using var runtime = FlowRuntime.Load(
            [Flow.Pack("p", Flow.Entry("f", $"{Flow.Node("a", "emit.log", "\"one\"", routing)},{Flow.Node("b", "emit.log", "\"two\"")}"))], NullLogger.Instance, new FlowOptions { Sessions = new Away() }).Value;

        var reply = Say(runtime, "{}");

        reply.HasFailed.ShouldBe(mayWait);
    }

    [Fact]
    public void What_cannot_be_kept_is_said()
    {
        using var runtime = Runtime(new ParkedInMemory(TimeProvider.System, new ParkingLimits(TimeSpan.FromHours(1), 10, 20)));

        Say(runtime, "{}").Error().ShouldStartWith("the session cannot wait: what it knows so far has ");
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("[]")]
    [InlineData("""{"flow_id":"f","next_node":"greet"}""")]
    [InlineData("""{"flow_id":"f","next_node":"greet","awaiting_submit":1,"state":{"nodes":[],"prev":1}}""")]
    public void A_snapshot_of_something_else_is_none(string snapshot)
    {
        using var runtime = Runtime(new Holding(System.Text.Encoding.UTF8.GetBytes(snapshot)));

        Say(runtime, """{"text":"hi"}""").Texts().ShouldBe(["\"Your name?\""]);
    }

    private static FlowRedis? Connect(RedisServer? server) => server is null
        ? null
        : FlowRedis.Connect($"redis://127.0.0.1:{server.Port}", null, "t:", TimeProvider.System, () => 0, Patience).Value;

    private static IParkedSessions Store(FlowRedis? redis, ParkingLimits limits) => redis?.SessionsOf("rev1", limits) ?? new ParkedInMemory(TimeProvider.System, limits);

    private static byte[]? Take(IParkedSessions parked, string key) => parked.Take(key, CancellationToken.None).Value?.ToArray();

    private static FlowRuntime Runtime(IParkedSessions sessions) => FlowRuntime.Load(
        [
            Flow.Pack("p", Flow.Entry("f", string.Join(
                ',',
                Flow.Node("ask", "emit.response", "\"Your name?\"", """{"Next":{"node_id":"keep"}}"""),
                Flow.Node("keep", "vars.set", """{"first":"{{entry.text}}"}""", """{"Next":{"node_id":"wait"}}"""),
                Flow.Node("wait", "session.wait", "\"a name\"", """{"Custom":[{"to":"greet"}]}"""),
                Flow.Node("greet", "emit.log", "\"Hello {{entry.text}}; you were asked: {{node.ask}} by {{vars.first}}\"")))),
        ],
        NullLogger.Instance,
        new FlowOptions { Sessions = sessions }).Value;

    private static FlowReply Say(FlowRuntime runtime, string payload) => runtime.Handle(
        new InboundActivity { Payload = JsonElement.Parse(payload), FlowType = "messaging", SessionId = "s" }, Flow.Context, TestContext.Current.CancellationToken).Value;

    private sealed class Holding(byte[] snapshot) : IParkedSessions
    {
        public Refusal? Park(string key, ReadOnlyMemory<byte> snapshot) => null;

        public Outcome<ReadOnlyMemory<byte>?> Take(string key, CancellationToken cancellationToken) => (ReadOnlyMemory<byte>?)snapshot;
    }

    private sealed class Away : IParkedSessions
    {
        public Refusal? Park(string key, ReadOnlyMemory<byte> snapshot) => new Refusal.StoreFailed("away");

        public Outcome<ReadOnlyMemory<byte>?> Take(string key, CancellationToken cancellationToken) => new Refusal.StoreFailed("away");
    }
}
