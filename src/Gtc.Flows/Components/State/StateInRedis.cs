using System.Globalization;
using Gtc.Redis;

namespace Gtc.Flows;

/// <summary>
/// State that all workers of a revision share. It is one hash, and beside it a number that says how many bytes the hash holds; writing and counting are one
/// script, one step. Both go when the revision was not asked for <see cref="Lifetime"/>. The two keys are not in one slot of a Redis cluster: this is for one
/// server, or one with replicas.
/// </summary>
internal sealed class StateInRedis(FlowRedis redis, string revisionId, StateLimits limits) : IStateStore
{
    /// <summary>How long state outlives the last call for its revision.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    private static readonly HostFault NotFound = new("not_found", "there is no such value");

    private static readonly RedisScript Get = new(
        """
        redis.call('EXPIRE', KEYS[1], ARGV[2])
        redis.call('EXPIRE', KEYS[2], ARGV[2])
        return redis.call('HGET', KEYS[1], ARGV[1])
        """);

    private static readonly RedisScript Put = new(
        """
        local before = -#ARGV[1]
        if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then
          before = redis.call('HSTRLEN', KEYS[1], ARGV[1])
        elseif redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then
          return 0
        end
        local bytes = tonumber(redis.call('GET', KEYS[2]) or '0') + #ARGV[2] - before
        if bytes > tonumber(ARGV[5]) then
          return 0
        end
        redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
        redis.call('SET', KEYS[2], string.format('%.0f', bytes))
        redis.call('EXPIRE', KEYS[1], ARGV[3])
        redis.call('EXPIRE', KEYS[2], ARGV[3])
        return 1
        """);

    private static readonly RedisScript Remove = new(
        """
        if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then
          redis.call('DECRBY', KEYS[2], redis.call('HSTRLEN', KEYS[1], ARGV[1]) + #ARGV[1])
          redis.call('HDEL', KEYS[1], ARGV[1])
        end
        return 1
        """);

    private readonly RedisArgument[] _keys = [$"{redis.KeyPrefix}gt:state:{revisionId}", $"{redis.KeyPrefix}gt:state_bytes:{revisionId}"];

    private static long LifetimeSeconds => (long)Lifetime.TotalSeconds;

    public HostAnswer<ReadOnlyMemory<byte>> Read(StateKey key, CancellationToken cancellationToken)
    {
        var answer = Ask(Get, [key.ToString(), LifetimeSeconds], cancellationToken);
        return answer.Reply is not { } reply ? Unavailable(answer) : reply.Kind == RedisKind.Bulk ? reply.Bytes : NotFound;
    }

    public HostFault? Write(StateKey key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        if (limits.Refuse(key, value.Length) is { } refused)
        {
            return refused;
        }

        var answer = Ask(
            Put, [key.ToString(), value, LifetimeSeconds, limits.MaxValues, limits.MaxBytes.ToString(CultureInfo.InvariantCulture)], cancellationToken);
        return answer.Reply is not { } reply ? Unavailable(answer) : reply.Number == 1 ? null : limits.Full();
    }

    public HostFault? Delete(StateKey key, CancellationToken cancellationToken)
    {
        var answer = Ask(Remove, [key.ToString()], cancellationToken);
        return answer.IsDone ? null : Unavailable(answer);
    }

    private RedisAnswer Ask(RedisScript script, RedisArgument[] arguments, CancellationToken cancellationToken) =>
        redis.Ask((client, token) => client.EvalAsync(script, _keys, arguments, token), cancellationToken);

    private static HostFault Unavailable(RedisAnswer answer) => new("unavailable", $"the store of state does not answer: {answer.Reason}");
}
