using Gtc.Model;
using Gtc.Redis;

namespace Gtc.Flows;

/// <summary>
/// Parked sessions that all workers of a revision share and that outlive them. A snapshot is a key with an end; a sorted set holds the keys of a revision by
/// their end, so that the one that was parked first is found without looking at the others. The server's clock counts. The keys are not in one slot of a
/// Redis cluster: this is for one server, or one with replicas.
/// </summary>
internal sealed class ParkedInRedis(FlowRedis redis, string revisionId, ParkingLimits limits) : IParkedSessions
{
    /// <summary>The largest snapshot.</summary>
    public const int MaxSnapshotBytes = 1 << 20;

    private static readonly RedisScript Put = new(
        """
        local clock = redis.call('TIME')
        local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
        local lifetime = tonumber(ARGV[2])
        redis.call('ZREM', KEYS[2], KEYS[1])
        redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
        while redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[3]) do
          redis.call('DEL', redis.call('ZPOPMIN', KEYS[2])[1])
        end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', lifetime)
        redis.call('ZADD', KEYS[2], string.format('%.0f', now + lifetime * 1000), KEYS[1])
        redis.call('PEXPIRE', KEYS[2], lifetime)
        return 1
        """);

    private static readonly RedisScript TakeOut = new(
        """
        local held = redis.call('GET', KEYS[1])
        redis.call('DEL', KEYS[1])
        redis.call('ZREM', KEYS[2], KEYS[1])
        return held
        """);

    public Refusal? Park(string key, ReadOnlyMemory<byte> snapshot)
    {
        if (snapshot.Length > MaxSnapshotBytes)
        {
            return new Refusal.InvalidArgument($"what it knows so far has {snapshot.Length} bytes, the most is {MaxSnapshotBytes}");
        }

        // Nobody can leave here: what was said is lost when its session is not kept.
        var answer = redis.Ask(
            (client, token) => client.EvalAsync(Put, Keys(key), new RedisArgument[] { snapshot, (long)limits.Lifetime.TotalMilliseconds, limits.MaxSessions }, token),
            CancellationToken.None);
        return answer.IsDone ? null : Unavailable(answer);
    }

    public Outcome<ReadOnlyMemory<byte>?> Take(string key, CancellationToken cancellationToken)
    {
        var answer = redis.Ask((client, token) => client.EvalAsync(TakeOut, Keys(key), Array.Empty<RedisArgument>(), token), cancellationToken);
        return answer.Reply is not { } reply ? Unavailable(answer) : reply.Kind == RedisKind.Bulk ? reply.Bytes : (ReadOnlyMemory<byte>?)null;
    }

    private RedisArgument[] Keys(string key) => [$"{redis.KeyPrefix}gt:parked:{revisionId}:{key}", $"{redis.KeyPrefix}gt:parked_set:{revisionId}"];

    private static Refusal.StoreFailed Unavailable(RedisAnswer answer) => new($"the store of sessions does not answer: {answer.Reason}");
}
