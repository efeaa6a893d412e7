using Gtc.Model;
using Gtc.Redis;

namespace Gtc.Flows;

/// <summary>Conversations that all workers of an environment remember together, whichever revision answers them.</summary>
internal sealed class ConversationsInRedis(FlowRedis redis, ConversationLimits limits) : IConversations
{
    // The id of the first message is kept: should that message come again because its worker died over it, it is still the first.
    private static readonly RedisScript Note = new(
        """
        local held = redis.call('GET', KEYS[1])
        redis.call('SET', KEYS[1], held or ARGV[1], 'PX', ARGV[2])
        if not held or (ARGV[1] ~= '' and held == ARGV[1]) then return 1 end
        return 0
        """);

    public Outcome<bool> BeganWith(string key, string? messageId, CancellationToken cancellationToken)
    {
        var answer = redis.Ask(
            (client, token) => client.EvalAsync(
                Note,
                new RedisArgument[] { $"{redis.KeyPrefix}gt:began:{key}" },
                new RedisArgument[] { messageId ?? string.Empty, (long)limits.Lifetime.TotalMilliseconds },
                token),
            cancellationToken);
        return answer.Reply is { } reply ? reply.Number == 1 : new Refusal.StoreFailed($"the store of sessions does not answer: {answer.Reason}");
    }
}
