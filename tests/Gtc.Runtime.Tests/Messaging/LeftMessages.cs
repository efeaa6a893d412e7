using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gtc.Flows;
using Gtc.Redis;
using Gtc.Redis.Tests;

namespace Gtc.Runtime.Tests.Messaging;

/// <summary>What a worker that is gone left in a Redis, and what becomes of it there.</summary>
internal sealed class LeftMessages : IAsyncDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    private readonly BotLab _lab;
    private readonly FlowRedis _redis;
    private readonly RedisClient _client;
    private readonly SharedLanes _gone;

    private LeftMessages(BotLab lab, RedisServer redis)
    {
        _lab = lab;
        _redis = Connect(redis, TimeSpan.FromSeconds(20));
        _client = new RedisClient(redis.Options, TimeProvider.System, () => 0);
        _gone = new SharedLanes(_redis, Scope, "gone", new(1000, 1 << 20, 1000, TimeSpan.FromMilliseconds(1), Long));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Scope => $"local:{_lab.Deployment}";

    public static async Task<LeftMessages> OpenAsync(BotLab lab, RedisServer redis)
    {
        var left = new LeftMessages(lab, redis);
        await left._client.ConnectedAsync(Token);
        return left;
    }

    public static FlowRedis Connect(RedisServer redis, TimeSpan patience) =>
        FlowRedis.Connect($"redis://127.0.0.1:{redis.Port}", null, "t:", TimeProvider.System, () => 0, patience).Value;

    public async Task PutAsync(params InboxItem[] items) =>
        (await _gone.PutAsync([.. items.Select(item => new LaneMessage(item.Id, item.Lane, item.Key, item.Revision.ToString(), JsonSerializer.SerializeToUtf8Bytes(item, InboxJson.Default.InboxItem)))], Token))
            .Value.IsFull.ShouldBeFalse();

    /// <summary>Another worker, which keeps what it gets.</summary>
    public SharedLanes Heir() => new(_redis, Scope, "heir", new(1000, 1 << 20, 1000, Long, Long));

    /// <summary>The first message that waits in the lane of another one.</summary>
    public async Task<InboxItem?> FirstAsync(InboxItem item)
    {
        var written = (await _client.CallAsync(["LINDEX", $"t:gt:inbox:{Scope}:lane:{item.Lane}", 0], Token)).Reply!;
        return written.Kind == RedisKind.Bulk ? JsonSerializer.Deserialize(written.Bytes.Span[(written.Bytes.Span.IndexOf((byte)'\n') + 1)..], InboxJson.Default.InboxItem) : null;
    }

    /// <summary>How many leases were given and renewed so far.</summary>
    public async Task<long> LeasesAsync()
    {
        var counted = (await _client.CallAsync(["INFO", "commandstats"], Token)).Reply!.Text;
        return long.Parse(Regex.Match(counted, "cmdstat_zadd:calls=([0-9]+)").Groups[1].Value, CultureInfo.InvariantCulture);
    }

    /// <summary>As a server that takes over from another one and is a moment behind it.</summary>
    public async Task ForgetAsync() => (await _client.CallAsync(["FLUSHALL"], Token)).IsDone.ShouldBeTrue();

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _redis.DisposeAsync();
    }
}
