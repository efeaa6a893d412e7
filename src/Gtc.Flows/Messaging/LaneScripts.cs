using Gtc.Redis;

namespace Gtc.Flows;

/// <summary>
/// The steps of <see cref="SharedLanes"/>, each done by the server as one. Below a prefix lie: a list for each lane, whose messages begin with a line of
/// their tag and their id; <c>due</c>, the lanes by when their lease ends; <c>owner</c>, whose they are; <c>seen</c>, keys by when they came, until nothing came for 30 days; <c>held</c>, how much there is.
/// A lane is in <c>due</c> exactly while its list has a message. The server's clock counts.
/// </summary>
internal static class LaneScripts
{
    private const string Now =
        """
        local function idOf(message) return message and string.match(message, '^%S+ (%S+)') end
        local p = KEYS[1]
        local owner = ARGV[1]
        local lease = tonumber(ARGV[2])
        local clock = redis.call('TIME')
        local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)

        """;

    /// <summary>Arguments: owner, lease, most messages, most bytes, keys kept, then lane, key and message of each. Answers -1 when full, else which ones begin.</summary>
    public static RedisScript Put { get; } = new(Now +
        """
        local fresh, bytes = {}, 0
        for i = 6, #ARGV, 3 do
          if ARGV[i + 1] == '' or not redis.call('ZSCORE', p .. 'seen', ARGV[i + 1]) then
            fresh[#fresh + 1] = i
            bytes = bytes + #ARGV[i + 2]
          end
        end
        if #fresh == 0 then return {} end
        local held = redis.call('HMGET', p .. 'held', 'count', 'bytes')
        if tonumber(held[1] or 0) + #fresh > tonumber(ARGV[3]) or tonumber(held[2] or 0) + bytes > tonumber(ARGV[4]) then return -1 end
        local begun = {}
        for _, i in ipairs(fresh) do
          local lane = ARGV[i]
          if redis.call('RPUSH', p .. 'lane:' .. lane, ARGV[i + 2]) == 1 then
            redis.call('HSET', p .. 'owner', lane, owner)
            redis.call('ZADD', p .. 'due', now + lease, lane)
            begun[#begun + 1] = (i - 6) / 3
          end
          if ARGV[i + 1] ~= '' then redis.call('ZADD', p .. 'seen', now, ARGV[i + 1]) end
        end
        redis.call('PEXPIRE', p .. 'seen', 2592000000)
        redis.call('ZREMRANGEBYRANK', p .. 'seen', 0, -(tonumber(ARGV[5]) + 1))
        redis.call('HINCRBY', p .. 'held', 'count', #fresh)
        redis.call('HINCRBY', p .. 'held', 'bytes', bytes)
        return begun
        """);

    /// <summary>
    /// Arguments: owner, lease, grace (negative for never), how many lanes are passed over, then tags. Answers how many were looked at, then those of them that may
    /// be claimed.
    /// </summary>
    public static RedisScript Due { get; } = new(Now +
        """
        local grace, tags = tonumber(ARGV[3]), {}
        for i = 5, #ARGV do tags[ARGV[i]] = true end
        local found, bytes = {0}, 0
        for _, lane in ipairs(redis.call('ZRANGEBYSCORE', p .. 'due', '-inf', now, 'LIMIT', ARGV[4], 256)) do
          if bytes >= 262144 then return found end
          found[1] = found[1] + 1
          local first = redis.call('LINDEX', p .. 'lane:' .. lane, 0)
          if not first then
            redis.call('ZREM', p .. 'due', lane)
            redis.call('HDEL', p .. 'owner', lane)
          elseif tags[string.match(first, '^%S+')] or (grace >= 0 and tonumber(redis.call('ZSCORE', p .. 'due', lane)) + grace <= now) then
            found[#found + 1] = lane
            bytes = bytes + #lane
          end
        end
        return found
        """);

    /// <summary>Arguments: owner, lease, then lanes. Answers those that are still due, and the owner's now.</summary>
    public static RedisScript Claim { get; } = new(Now +
        """
        local claimed = {}
        for i = 3, #ARGV do
          local due = redis.call('ZSCORE', p .. 'due', ARGV[i])
          if due and tonumber(due) <= now then
            redis.call('HSET', p .. 'owner', ARGV[i], owner)
            redis.call('ZADD', p .. 'due', now + lease, ARGV[i])
            claimed[#claimed + 1] = ARGV[i]
          end
        end
        return claimed
        """);

    /// <summary>Arguments: owner, lease, then lanes. Those that are still the owner's stay so.</summary>
    public static RedisScript Renew { get; } = new(Now +
        """
        for i = 3, #ARGV do
          if redis.call('HGET', p .. 'owner', ARGV[i]) == owner then redis.call('ZADD', p .. 'due', 'XX', now + lease, ARGV[i]) end
        end
        return 1
        """);

    /// <summary>Arguments: owner, lease, for how long nobody had them, then lanes. Those that are the owner's are nobody's from now on.</summary>
    public static RedisScript Release { get; } = new(Now +
        """
        for i = 4, #ARGV do
          if redis.call('HGET', p .. 'owner', ARGV[i]) == owner then
            redis.call('HDEL', p .. 'owner', ARGV[i])
            redis.call('ZADD', p .. 'due', 'XX', now - tonumber(ARGV[3]), ARGV[i])
          end
        end
        return 1
        """);

    /// <summary>Arguments: owner, lease, lane. Answers its first message, 0 when it is another's.</summary>
    public static RedisScript First { get; } = new(Now +
        """
        if redis.call('HGET', p .. 'owner', ARGV[3]) ~= owner then return 0 end
        return redis.call('LINDEX', p .. 'lane:' .. ARGV[3], 0)
        """);

    /// <summary>
    /// Arguments: owner, lease, lane, message, key. Answers 1 when it took its own place at the head of the lane, 0 when the lane is another's. A server that lost
    /// what it was told last knows neither the lane nor the key; then the message takes its place all the same.
    /// </summary>
    public static RedisScript Replace { get; } = new(Now +
        """
        local list = p .. 'lane:' .. ARGV[3]
        local before = redis.call('LINDEX', list, 0)
        local holder = redis.call('HGET', p .. 'owner', ARGV[3])
        if not before and not holder and ARGV[5] ~= '' and not redis.call('ZSCORE', p .. 'seen', ARGV[5]) then
          redis.call('RPUSH', list, ARGV[4])
          redis.call('HSET', p .. 'owner', ARGV[3], owner)
          redis.call('ZADD', p .. 'due', now + lease, ARGV[3])
          redis.call('ZADD', p .. 'seen', now, ARGV[5])
          redis.call('PEXPIRE', p .. 'seen', 2592000000)
          redis.call('HINCRBY', p .. 'held', 'count', 1)
          redis.call('HINCRBY', p .. 'held', 'bytes', #ARGV[4])
          return 1
        end
        if holder ~= owner then return 0 end
        if idOf(before) ~= idOf(ARGV[4]) then return 0 end
        redis.call('LSET', list, 0, ARGV[4])
        redis.call('HINCRBY', p .. 'held', 'bytes', #ARGV[4] - #before)
        redis.call('ZADD', p .. 'due', now + lease, ARGV[3])
        return 1
        """);

    /// <summary>
    /// Arguments: owner, lease, lane, id. That first message is done, or was when this is asked again because its answer was lost; answers the next one, 1 when
    /// there is none, 0 when the lane is another's.
    /// </summary>
    public static RedisScript Done { get; } = new(Now +
        """
        if redis.call('HGET', p .. 'owner', ARGV[3]) ~= owner then return 0 end
        local done = redis.call('LINDEX', p .. 'lane:' .. ARGV[3], 0)
        if idOf(done) == ARGV[4] then
          redis.call('LPOP', p .. 'lane:' .. ARGV[3])
          redis.call('HINCRBY', p .. 'held', 'bytes', -#done)
          if redis.call('HINCRBY', p .. 'held', 'count', -1) == 0 then redis.call('DEL', p .. 'held') end
        end
        local following = redis.call('LINDEX', p .. 'lane:' .. ARGV[3], 0)
        if following then
          redis.call('ZADD', p .. 'due', now + lease, ARGV[3])
          return following
        end
        redis.call('ZREM', p .. 'due', ARGV[3])
        redis.call('HDEL', p .. 'owner', ARGV[3])
        return 1
        """);
}
