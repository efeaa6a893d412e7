using System.Globalization;
using System.Text;
using Gtc.Model;
using Gtc.Redis;

namespace Gtc.Routing;

/// <summary>
/// Pins that all replicas share (dispatcher.md §3). A pin is the key <c>gt:rev_pin:{env}:{deployment}:{tenant}:{hint}</c> with the value
/// <c>revision|generation|expiry</c>; the sorted set <c>gt:rev_pin_set:{env}:{deployment}:{tenant}</c> holds the keys of a scope by their end, so that the one
/// that would end soonest is found without looking at the others. The server's clock counts. Insertion and cap are one script, one step. The two keys
/// are not in one slot of a Redis cluster: this is for one server, or one with replicas.
/// </summary>
/// <param name="redis">The server. Its call timeout is what a request may lose to it; 50 ms unless told otherwise.</param>
/// <param name="capacity">How many pins a tenant of a deployment may have.</param>
public sealed class RedisPins(RedisClient redis, int capacity = RedisPins.DefaultCapacity) : ISessionPins
{
    /// <summary>The capacity when nothing else is said.</summary>
    public const int DefaultCapacity = 4096;

    private const int Inserted = 1;
    private const int Existing = 2;

    private static readonly RedisScript Insert = new(
        """
        local clock = redis.call('TIME')
        local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
        local held = redis.call('GET', KEYS[1])
        if held then
          local revision, generation, expiry = string.match(held, '^(%w+)|(%d+)|(%d+)$')
          if revision and tonumber(expiry) > now then
            if generation == ARGV[2] then
              return {2, revision}
            end
            if #generation > #ARGV[2] or (#generation == #ARGV[2] and generation > ARGV[2]) then
              return {0}
            end
          end
        end
        redis.call('ZREM', KEYS[2], KEYS[1])
        redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
        while redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[4]) do
          redis.call('DEL', redis.call('ZPOPMIN', KEYS[2])[1])
        end
        local lifetime = tonumber(ARGV[3])
        redis.call('SET', KEYS[1], ARGV[1] .. '|' .. ARGV[2] .. '|' .. string.format('%.0f', math.floor(now) + lifetime), 'EX', lifetime)
        redis.call('ZADD', KEYS[2], string.format('%.6f', now + lifetime), KEYS[1])
        redis.call('EXPIRE', KEYS[2], lifetime)
        return {1, ARGV[1]}
        """);

    private static readonly RedisScript Drop = new(
        """
        if redis.call('GET', KEYS[1]) == ARGV[1] then
          redis.call('DEL', KEYS[1])
          redis.call('ZREM', KEYS[2], KEYS[1])
        end
        return 1
        """);

    private long _unanswered;

    /// <summary>What all keys begin with, before what is said above; empty unless several installations share the server.</summary>
    public string KeyPrefix { get; init; } = string.Empty;

    /// <inheritdoc/>
    public long Unanswered => Interlocked.Read(ref _unanswered);

    /// <inheritdoc/>
    public async ValueTask<RevisionId?> FindAsync(PinKey key, ulong generation, CancellationToken cancellationToken)
    {
        if (!key.IsUsable)
        {
            return null;
        }

        var answer = await redis.GetAsync(KeyOf(key), cancellationToken);
        if (answer.Reply is not { } reply)
        {
            Interlocked.Increment(ref _unanswered);
            return null;
        }

        if (reply.Kind != RedisKind.Bulk)
        {
            return null;
        }

        if (TryRead(reply.Bytes.Span, out var revision, out var made) && made >= generation)
        {
            return made == generation ? revision : null;
        }

        // Only this very value: another process may have stored a good one meanwhile.
        Count(await redis.EvalAsync(Drop, new RedisArgument[] { KeyOf(key), ScopeOf(key) }, new RedisArgument[] { reply.Bytes }, cancellationToken));
        return null;
    }

    /// <inheritdoc/>
    public async ValueTask<PinResult> InsertAsync(PinKey key, RevisionId revision, ulong generation, CancellationToken cancellationToken)
    {
        if (!key.IsUsable)
        {
            return PinResult.Skipped;
        }

        var answer = await redis.EvalAsync(
            Insert,
            new RedisArgument[] { KeyOf(key), ScopeOf(key) },
            new RedisArgument[] { revision.ToString(), generation.ToString(CultureInfo.InvariantCulture), (long)ISessionPins.Lifetime.TotalSeconds, capacity },
            cancellationToken);
        Count(answer);
        return answer.Reply?.Items is [{ Number: Inserted or Existing } outcome, var held] && RevisionId.TryParse(held.Text, out var winner)
            ? new(outcome.Number == Inserted ? PinOutcome.Inserted : PinOutcome.Existing, winner)
            : PinResult.Skipped;
    }

    private string KeyOf(PinKey key) => $"{KeyPrefix}gt:rev_pin:{key.Environment}:{key.Deployment}:{Uri.EscapeDataString(key.Tenant)}:{Uri.EscapeDataString(key.Hint)}";

    private string ScopeOf(PinKey key) => $"{KeyPrefix}gt:rev_pin_set:{key.Environment}:{key.Deployment}:{key.Tenant}";

    private static bool TryRead(ReadOnlySpan<byte> value, out RevisionId revision, out ulong generation)
    {
        Span<Range> parts = stackalloc Range[4];
        generation = 0;
        revision = default;
        return value.Length <= PinKey.MaxBytes
            && Split(value, parts) == 3
            && RevisionId.TryParse(Encoding.ASCII.GetString(value[parts[0]]), out revision)
            && ulong.TryParse(value[parts[1]], NumberStyles.None, CultureInfo.InvariantCulture, out generation);
    }

    private static int Split(ReadOnlySpan<byte> value, Span<Range> parts)
    {
        var count = 0;
        foreach (var part in value.Split((byte)'|'))
        {
            if (count == parts.Length)
            {
                break;
            }

            parts[count++] = part;
        }

        return count;
    }

    private void Count(RedisAnswer answer)
    {
        if (!answer.IsDone)
        {
            Interlocked.Increment(ref _unanswered);
        }
    }
}
