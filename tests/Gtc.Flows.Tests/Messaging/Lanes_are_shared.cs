using System.Text;
using Gtc.Redis;
using Gtc.Redis.Tests;

namespace Gtc.Flows.Tests.Messaging;

/// <summary>Messages in a Redis, and workers that have their lanes.</summary>
public sealed class Lanes_are_shared : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Over = TimeSpan.FromMilliseconds(1);

    private RedisServer _server = null!;
    private FlowRedis _redis = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _redis = FlowRedis.Connect($"redis://127.0.0.1:{_server.Port}", null, "t:", TimeProvider.System, () => 0, TimeSpan.FromSeconds(20)).Value;
    }

    public async ValueTask DisposeAsync()
    {
        await (_redis?.DisposeAsync() ?? ValueTask.CompletedTask);
        _server?.Dispose();
    }

    [Fact]
    public async Task A_lane_is_one_workers_and_its_messages_come_in_their_order()
    {
        var (one, two) = (Worker("one", Long), Worker("two", Long));
        (await PutAsync(one, Message(1), Message(2))).Begun.ShouldBe([0]);
        (await PutAsync(two, Message(3), Message(4, "other"))).Begun.ShouldBe([1]);
        (await two.DoneAsync("chat", 1, Token)).Value.IsOurs.ShouldBeFalse();
        (await two.ReplaceAsync(Message(1, text: "stolen"), Token)).Value.IsOurs.ShouldBeFalse();

        (await one.ReplaceAsync(Message(1, text: "further"), Token)).Value.ShouldBe(new LaneStep(true, null));
        Text(await one.FirstAsync("chat", Token)).ShouldBe("further");
        Text(await one.DoneAsync("chat", 1, Token)).ShouldBe("m2");
        Text(await one.DoneAsync("chat", 1, Token)).ShouldBe("m2", "an answer that was lost is asked for again, and nothing is done twice");
        Text(await one.DoneAsync("chat", 2, Token)).ShouldBe("m3");
        (await one.DoneAsync("chat", 3, Token)).Value.ShouldBe(new LaneStep(true, null));

        // Empty, it is whose message comes next.
        (await PutAsync(two, Message(5))).Begun.ShouldBe([0]);
        (await one.FirstAsync("chat", Token)).Value.IsOurs.ShouldBeFalse();
    }

    [Fact]
    public async Task What_comes_twice_is_kept_once_whoever_takes_it()
    {
        var (one, two) = (Worker("one", Long), Worker("two", Long));
        var taken = await Task.WhenAll(Enumerable.Range(0, 32).Select(number => PutAsync(number % 2 == 0 ? one : two, Message(number, key: "same"))));
        taken.Count(put => put.Begun.Count == 1).ShouldBe(1);
        var first = Array.FindIndex(taken, put => put.Begun.Count == 1);
        (await (first % 2 == 0 ? one : two).DoneAsync("chat", first, Token)).Value.ShouldBe(new LaneStep(true, null));
        (await PutAsync(one, Message(99, key: "same"))).Begun.ShouldBeEmpty("also after it is answered");
        (await PutAsync(one, Message(100), Message(101))).Begun.ShouldBe([0]);
    }

    [Fact]
    public async Task It_takes_no_more_than_it_can_hold_and_then_nothing_of_a_request()
    {
        var small = new SharedLanes(_redis, "s", "one", new(3, 1000, 2, Long, Long));
        (await PutAsync(small, Message(1, key: "a"), Message(2, key: "b"))).IsFull.ShouldBeFalse();
        (await PutAsync(small, Message(3, key: "c"), Message(4, key: "d"))).IsFull.ShouldBeTrue();
        (await PutAsync(small, Message(5, key: "b"))).IsFull.ShouldBeFalse("what is kept already needs no room");
        (await PutAsync(small, Message(6, text: new string('x', 1000)))).IsFull.ShouldBeTrue();
        (await PutAsync(small, Message(7, key: "c"))).IsFull.ShouldBeFalse();
        (await small.DoneAsync("chat", 1, Token)).IsOk.ShouldBeTrue();
        (await PutAsync(small, Message(8, key: "a"))).ShouldSatisfyAllConditions(put => put.IsFull.ShouldBeFalse(), put => put.Begun.ShouldBeEmpty());
        (await PutAsync(small, Message(9))).IsFull.ShouldBeTrue("the oldest of three keys is forgotten, so the message of before was kept again");

        var large = await small.PutAsync([Message(10, text: new string('x', SharedLanes.MaxMessageBytes))], Token);
        large.Refusal!.Message.ShouldContain("2,097,152");
    }

    [Fact]
    public async Task A_lane_that_is_renewed_no_more_is_taken_over_once()
    {
        var gone = Worker("gone", Over);
        await PutAsync(gone, Message(1), Message(2), Message(3, "other", tag: "r2"));
        await gone.ReplaceAsync(Message(1, text: "sent one"), Token);
        var next = Enumerable.Range(0, 8).Select(number => Worker($"next-{number}", Long)).ToArray();

        // Of the two workers' clocks none counts; the server's moves on by itself.
        var claimed = new List<string>();
        while (claimed.Count == 0)
        {
            claimed.AddRange((await Task.WhenAll(next.Select(worker => worker.ClaimAsync(["r1"], true, _ => true, 10, Token)))).SelectMany(found => found.Value));
        }

        claimed.ShouldBe(["chat"]);
        (await gone.DoneAsync("chat", 1, Token)).Value.IsOurs.ShouldBeFalse("who comes back late has lost it");
        var texts = (await Task.WhenAll(next.Select(worker => worker.FirstAsync("chat", Token)))).Where(step => step.Value.IsOurs).Select(Text);
        texts.ShouldBe(["sent one"]);
    }

    [Fact]
    public async Task Another_revision_takes_over_what_its_own_left_for_the_grace_time()
    {
        var gone = Worker("gone", Over);
        await PutAsync(gone, Message(1, tag: "r1"));
        var patient = new SharedLanes(_redis, "s", "patient", new(10, 1000, 10, Long, Long));
        var eager = new SharedLanes(_redis, "s", "eager", new(10, 1000, 10, Long, Over));
        IReadOnlyList<string> claimed = [];
        while (claimed.Count == 0)
        {
            (await eager.ClaimAsync(["r2"], false, _ => true, 10, Token)).Value.ShouldBeEmpty();
            (await patient.ClaimAsync(["r2"], true, _ => true, 10, Token)).Value.ShouldBeEmpty();
            (await eager.ClaimAsync(["r2"], true, lane => lane != "chat", 10, Token)).Value.ShouldBeEmpty();
            claimed = (await eager.ClaimAsync(["r2"], true, _ => true, 10, Token)).Value;
        }

        claimed.ShouldBe(["chat"]);
    }

    [Fact]
    public async Task What_is_given_up_is_free_at_once_and_what_is_renewed_is_not()
    {
        var (one, two) = (Worker("one", Long), Worker("two", Long));
        await PutAsync(one, Message(1, "a"), Message(2, "b"));
        (await one.RenewAsync(["a", "b"], Token)).ShouldBeNull();
        (await two.ReleaseAsync(["a"], false, Token)).ShouldBeNull();
        (await two.ClaimAsync(["r1"], true, _ => true, 10, Token)).Value.ShouldBeEmpty();
        (await one.ReleaseAsync(["b"], false, Token)).ShouldBeNull();
        (await two.ClaimAsync(["r1"], true, _ => true, 10, Token)).Value.ShouldBe(["b"]);
        (await one.RenewAsync(["b"], Token)).ShouldBeNull();
        (await one.FirstAsync("b", Token)).Value.IsOurs.ShouldBeFalse();
    }

    [Fact]
    public async Task What_is_given_up_to_anybody_waits_for_no_tag()
    {
        var (one, two) = (Worker("one", Long), Worker("two", Long));
        await PutAsync(one, Message(1, "a"), Message(2, "b"));
        (await one.ReleaseAsync(["a"], false, Token)).ShouldBeNull();
        (await one.ReleaseAsync(["b"], true, Token)).ShouldBeNull();
        (await two.ClaimAsync(["r2"], true, _ => true, 10, Token)).Value.ShouldBe(["b"]);
    }

    [Fact]
    public async Task Lanes_that_are_not_wanted_are_in_nobodys_way()
    {
        var gone = Worker("gone", Over);
        (await PutAsync(gone, [.. Enumerable.Range(0, 600).Select(number => Message(number, $"stuck-{number}"))])).IsFull.ShouldBeFalse();
        await PutAsync(gone, Message(601, "free"));
        IReadOnlyList<string> claimed = [];
        while (claimed.Count == 0)
        {
            claimed = (await Worker("next", Long).ClaimAsync(["r1"], false, lane => lane == "free", 10, Token)).Value;
        }

        claimed.ShouldBe(["free"]);
    }

    [Fact]
    public async Task Long_names_of_lanes_are_more_calls_and_no_failure()
    {
        // Together more than the client keeps for sending.
        var (one, two) = (Worker("one", Long), Worker("two", Long));
        string[] lanes = [.. Enumerable.Range(0, 6).Select(number => $"{number}".PadRight(900_000, 'x'))];
        foreach (var (lane, number) in lanes.Select((lane, number) => (lane, number)))
        {
            (await PutAsync(one, Message(number, lane))).Begun.ShouldBe([0]);
        }

        (await one.RenewAsync(lanes, Token)).ShouldBeNull();
        (await two.ClaimAsync(["r1"], false, _ => true, 10, Token)).Value.ShouldBeEmpty();
        (await one.ReleaseAsync(lanes, false, Token)).ShouldBeNull();
        (await two.ClaimAsync(["r1"], false, _ => true, 10, Token)).Value.ShouldBe(lanes, ignoreOrder: true);
    }

    [Fact]
    public async Task A_server_that_lost_a_message_that_is_being_answered_gets_it_back()
    {
        var (one, two) = (Worker("one", Long), Worker("two", Long));
        await PutAsync(one, Message(1, key: "k1"), Message(2, "other"));
        await using (var admin = new RedisClient(_server.Options, TimeProvider.System, () => 0))
        {
            await admin.ConnectedAsync(Token);
            (await admin.CallAsync(["FLUSHALL"], Token)).IsDone.ShouldBeTrue();
        }

        (await one.ReplaceAsync(Message(1, key: "k1", text: "further"), Token)).Value.IsOurs.ShouldBeTrue();
        Text(await one.FirstAsync("chat", Token)).ShouldBe("further");
        (await PutAsync(two, Message(3, key: "k1"))).Begun.ShouldBeEmpty("its key is known again");
        (await one.ReplaceAsync(Message(2, "other"), Token)).Value.IsOurs.ShouldBeFalse("without a key nobody knows whether it is answered");
        (await one.DoneAsync("chat", 1, Token)).Value.ShouldBe(new LaneStep(true, null));
        (await one.ReplaceAsync(Message(1, key: "k1", text: "again"), Token)).Value.IsOurs.ShouldBeFalse("what is answered stays so");
    }

    private SharedLanes Worker(string owner, TimeSpan lease) => new(_redis, "s", owner, new(1000, 8 << 20, 1000, lease, Long));

    private static LaneMessage Message(int id, string lane = "chat", string? key = null, string tag = "r1", string? text = null) =>
        new(id, lane, key, tag, Encoding.UTF8.GetBytes(text ?? $"m{id}"));

    private static async Task<LanePut> PutAsync(SharedLanes lanes, params LaneMessage[] messages) => (await lanes.PutAsync(messages, Token)).Value;

    private static string Text(Gtc.Model.Outcome<LaneStep> step) => Encoding.UTF8.GetString(step.Value.Next!.Value.Span);
}
