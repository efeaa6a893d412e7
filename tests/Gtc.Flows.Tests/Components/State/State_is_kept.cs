using Gtc.Redis.Tests;

namespace Gtc.Flows.Tests.Components.State;

/// <summary>What any store of state promises, on memory and on a real Redis.</summary>
public sealed class State_is_kept
{
    private static readonly StateKey Key = new("acme", "p", "f", "count");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_value_is_read_as_it_was_written_until_it_is_deleted(bool redis)
    {
        await using var place = await StatePlace.OpenAsync(redis);
        var store = place.Store("rev1");
        byte[] value = [0, 255, 10, 13];

        Read(store, Key).ShouldBeNull();
        Write(store, Key, [1]).ShouldBeNull();
        Write(store, Key, value).ShouldBeNull();
        Read(store, Key).ShouldBe(value);
        Delete(store, Key).ShouldBeNull();
        Delete(store, Key).ShouldBeNull();
        Read(store, Key).ShouldBeNull();
        store.Read(Key, TestContext.Current.CancellationToken).Fault!.Code.ShouldBe("not_found");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tenants_packs_flows_and_revisions_are_kept_apart(bool redis)
    {
        await using var place = await StatePlace.OpenAsync(redis);
        var store = place.Store("rev1");
        StateKey[] keys =
        [
            Key, Key with { Tenant = "rival" }, Key with { PackId = "q" }, Key with { FlowId = "g" }, Key with { Name = "other" },
            new("acme/p", "f", "count", "x"), new("acme", "p/f", "count", "x"), new("acme", "p", "f/count", "x"), new("acme", "p", "f", "count/x"),
        ];
        for (byte i = 0; i < keys.Length; i++)
        {
            Write(store, keys[i], [i]).ShouldBeNull();
        }

        for (byte i = 0; i < keys.Length; i++)
        {
            Read(store, keys[i]).ShouldBe([i]);
        }

        Read(place.Store("rev2"), Key).ShouldBeNull();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_too_large_or_too_much_is_refused_and_what_is_there_stays(bool redis)
    {
        await using var place = await StatePlace.OpenAsync(redis);
        var store = place.Store("rev1", new StateLimits(MaxNameBytes: 8, MaxValueBytes: 100, MaxValues: 3, MaxBytes: 190));

        Write(store, Key with { Name = new string('n', 9) }, [1])!.Code.ShouldBe("internal");
        Write(store, Key with { Name = "" }, [1])!.Code.ShouldBe("internal");
        Write(store, Key, new byte[101])!.Code.ShouldBe("internal");
        Write(store, Key with { Name = "a" }, new byte[80]).ShouldBeNull();
        Write(store, Key with { Name = "b" }, new byte[80]).ShouldBeNull();
        Write(store, Key with { Name = "c" }, new byte[80]).ShouldBe(new HostFault("unavailable", "the state of this revision is full: it may hold 3 values and 190 bytes"));
        Write(store, Key with { Name = "a" }, new byte[99])!.Code.ShouldBe("unavailable");
        Write(store, Key with { Name = "a" }, [7]).ShouldBeNull();
        Write(store, Key with { Name = "c" }, [8]).ShouldBeNull();
        Write(store, Key with { Name = "d" }, [9])!.Code.ShouldBe("unavailable");
        Delete(store, Key with { Name = "b" }).ShouldBeNull();
        Write(store, Key with { Name = "d" }, new byte[80]).ShouldBeNull();
        Read(store, Key with { Name = "a" }).ShouldBe([7]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whatever_is_written_and_deleted_the_count_of_bytes_is_right(bool redis)
    {
        await using var place = await StatePlace.OpenAsync(redis);
        var random = new Random(7);
        var store = place.Store("rev1", new StateLimits(64, 20_000, 100, 20_000));
        for (var i = 0; i < 400; i++)
        {
            var key = Key with { Name = $"n{random.Next(40)}" };
            _ = random.Next(3) == 0 ? Delete(store, key) : Write(store, key, new byte[random.Next(1000)]);
        }

        for (var i = 0; i < 40; i++)
        {
            Delete(store, Key with { Name = $"n{i}" });
        }

        // Were a single byte counted that is not there, this would not fit.
        Write(store, Key, new byte[20_000 - Key.ToString().Length]).ShouldBeNull();
        Write(store, Key with { Name = "more" }, [])!.Code.ShouldBe("unavailable");
    }

    [Fact]
    public async Task A_server_that_is_gone_makes_state_unavailable_and_one_that_is_back_serves_again()
    {
        using var server = await RedisServer.StartAsync();
        await using var redis = FlowRedis.Connect($"redis://127.0.0.1:{server.Port}", null, "t:", TimeProvider.System, () => 0, TimeSpan.FromSeconds(20)).Value;
        var store = redis.StateOf("rev1", StateLimits.Standard);
        Write(store, Key, [1]).ShouldBeNull();

        await using var nowhere = FlowRedis.Connect($"redis://127.0.0.1:{RedisServer.FreePort()}", null, "", TimeProvider.System, () => 0, TimeSpan.FromMilliseconds(50)).Value;
        var lost = nowhere.StateOf("rev1", StateLimits.Standard);
        lost.Read(Key, TestContext.Current.CancellationToken).Fault!.Code.ShouldBe("unavailable");
        Write(lost, Key, [1])!.Code.ShouldBe("unavailable");
        Delete(lost, Key)!.Code.ShouldBe("unavailable");
    }

    [Fact]
    public async Task State_is_shared_between_processes_that_name_the_same_server()
    {
        using var server = await RedisServer.StartAsync();
        await using var one = FlowRedis.Connect($"redis://127.0.0.1:{server.Port}", null, "t:", TimeProvider.System, () => 0, TimeSpan.FromSeconds(20)).Value;
        await using var other = FlowRedis.Connect($"redis://127.0.0.1:{server.Port}", null, "t:", TimeProvider.System, () => 0, TimeSpan.FromSeconds(20)).Value;
        await using var neighbour = FlowRedis.Connect($"redis://127.0.0.1:{server.Port}", null, "u:", TimeProvider.System, () => 0, TimeSpan.FromSeconds(20)).Value;

        Write(one.StateOf("rev1", StateLimits.Standard), Key, [5]).ShouldBeNull();
        Read(other.StateOf("rev1", StateLimits.Standard), Key).ShouldBe([5]);
        Read(neighbour.StateOf("rev1", StateLimits.Standard), Key).ShouldBeNull();
    }

    [Fact]
    public void A_url_that_cannot_be_read_is_refused_without_repeating_it()
        => FlowRedis.Connect("http://user:secret@host", null, "", TimeProvider.System, () => 0, TimeSpan.FromSeconds(1)).Refusal!.Message.ShouldNotContain("secret");

    private static byte[]? Read(IStateStore store, StateKey key) =>
        store.Read(key, TestContext.Current.CancellationToken) is { Fault: null } answer ? answer.Value.ToArray() : null;

    private static HostFault? Write(IStateStore store, StateKey key, byte[] value) => store.Write(key, value, TestContext.Current.CancellationToken);

    private static HostFault? Delete(IStateStore store, StateKey key) => store.Delete(key, TestContext.Current.CancellationToken);
}

/// <summary>Where state is kept: memory, or a Redis of the test's own.</summary>
internal sealed class StatePlace : IAsyncDisposable
{
    private readonly Dictionary<string, StateInMemory> _memory = [];
    private RedisServer? _server;
    private FlowRedis? _redis;

    public static async Task<StatePlace> OpenAsync(bool redis)
    {
        var place = new StatePlace();
        if (redis)
        {
            place._server = await RedisServer.StartAsync();
            place._redis = FlowRedis.Connect($"redis://127.0.0.1:{place._server.Port}", null, "t:", TimeProvider.System, () => 0, TimeSpan.FromSeconds(20)).Value;
        }

        return place;
    }

    public IStateStore Store(string revision, StateLimits? limits = null) =>
        _redis?.StateOf(revision, limits ?? StateLimits.Standard)
        ?? (_memory.TryGetValue(revision, out var kept) ? kept : _memory[revision] = new StateInMemory(limits ?? StateLimits.Standard));

    public async ValueTask DisposeAsync()
    {
        await (_redis?.DisposeAsync() ?? ValueTask.CompletedTask);
        _server?.Dispose();
    }
}
