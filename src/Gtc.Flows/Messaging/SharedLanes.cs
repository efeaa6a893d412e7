using System.Globalization;
using System.Text;
using Gtc.Model;
using Gtc.Redis;

namespace Gtc.Flows;

/// <summary>
/// Messages that wait for their answer in a Redis server, which several workers share. Each belongs to a lane; the first of a lane is answered by the one worker
/// that has the lane, for as long as it renews its lease; whoever does not any more loses it to another. Its keys are not in one slot of a Redis cluster: this is
/// for one server, or one with replicas.
/// </summary>
/// <param name="redis">The server.</param>
/// <param name="scope">Whose messages they are.</param>
/// <param name="owner">The worker's own name, which no other process has.</param>
/// <param name="limits">How much is kept, and how long a lane is a worker's.</param>
public sealed class SharedLanes(FlowRedis redis, string scope, string owner, LaneLimits limits)
{
    /// <summary>The largest message, with its tag and id.</summary>
    public const int MaxMessageBytes = 2 << 20;

    private const int MostInOneCall = 1024;
    private const int MostBytesInOneCall = 256 << 10;

    private readonly string _prefix = $"{redis.KeyPrefix}gt:inbox:{scope}:";

    /// <summary>Keeps messages: all of them, or none. Those whose key came before are kept already.</summary>
    public async Task<Outcome<LanePut>> PutAsync(IReadOnlyList<LaneMessage> messages, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var arguments = new List<RedisArgument> { limits.MaxMessages, limits.MaxBytes, limits.KeysKept };
        foreach (var message in messages)
        {
            if (!Written(message).TryGet(out var written, out var refusal))
            {
                return refusal;
            }

            arguments.AddRange([message.Lane, message.Key ?? string.Empty, written]);
        }

        return (await RunAsync(LaneScripts.Put, arguments, cancellationToken)).Then<LanePut>(reply =>
            reply.Kind == RedisKind.Number ? new LanePut(true, []) : new LanePut(false, [.. reply.Items.Select(item => (int)item.Number)]));
    }

    /// <summary>
    /// Takes over lanes whose lease is over: those whose first message has one of the tags, and, when those of others are wanted too, those that nobody of its
    /// tag took for the grace time.
    /// </summary>
    /// <param name="tags">The tags.</param>
    /// <param name="others">Whether those of others are wanted too.</param>
    /// <param name="isWanted">Says whether a lane is wanted.</param>
    /// <param name="most">How many at most; with none the server is asked all the same.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<Outcome<IReadOnlyList<string>>> ClaimAsync(IEnumerable<string> tags, bool others, Func<string, bool> isWanted, int most, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(isWanted);
        RedisArgument[] known = [.. tags.Select(tag => (RedisArgument)tag)];
        var grace = others ? (long)limits.Grace.TotalMilliseconds : -1;
        var wanted = new List<string>();
        var (from, seen) = (0L, 0L);
        do
        {
            from += seen;
            if (!(await RunAsync(LaneScripts.Due, [grace, from, .. known], cancellationToken)).TryGet(out var reply, out var refusal))
            {
                return refusal;
            }

            seen = reply.Items[0].Number;
            wanted.AddRange(reply.Items.Skip(1).Select(item => item.Text).Where(isWanted));
        }
        while (seen > 0 && wanted.Count < most);

        var claimed = new List<string>();
        foreach (var lanes in Calls(wanted.Take(most)))
        {
            if (!(await RunAsync(LaneScripts.Claim, Arguments(lanes), cancellationToken)).TryGet(out var reply, out var refusal))
            {
                return refusal;
            }

            claimed.AddRange(reply.Items.Select(item => item.Text));
        }

        return claimed;
    }

    /// <summary>Lanes stay the worker's; those that another took meanwhile stay that one's.</summary>
    public Task<Refusal?> RenewAsync(IEnumerable<string> lanes, CancellationToken cancellationToken) => ForEachAsync(LaneScripts.Renew, lanes, [], cancellationToken);

    /// <summary>Gives lanes up, so that others need not wait for their end.</summary>
    /// <param name="lanes">The lanes.</param>
    /// <param name="toAnybody">Whether nobody need wait for a worker of their first message's tag either.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<Refusal?> ReleaseAsync(IEnumerable<string> lanes, bool toAnybody, CancellationToken cancellationToken) =>
        ForEachAsync(LaneScripts.Release, lanes, [toAnybody ? (long)limits.Grace.TotalMilliseconds : 0], cancellationToken);

    /// <summary>The first message of a lane.</summary>
    public async Task<Outcome<LaneStep>> FirstAsync(string lane, CancellationToken cancellationToken) => Step(await RunAsync(LaneScripts.First, [lane], cancellationToken));

    /// <summary>Writes the first message of a lane anew: it got further. One with a key is put back when the server lost it with its lane.</summary>
    public async Task<Outcome<LaneStep>> ReplaceAsync(LaneMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Written(message).TryGet(out var written, out var refusal)
            ? Step(await RunAsync(LaneScripts.Replace, [message.Lane, written, message.Key ?? string.Empty], cancellationToken))
            : refusal;
    }

    /// <summary>The first message of a lane is answered; the next one is the first.</summary>
    public async Task<Outcome<LaneStep>> DoneAsync(string lane, long id, CancellationToken cancellationToken) =>
        Step(await RunAsync(LaneScripts.Done, [lane, id.ToString(CultureInfo.InvariantCulture)], cancellationToken));

    private static Outcome<LaneStep> Step(Outcome<RedisReply> answered) => answered.Then<LaneStep>(reply =>
        reply.Kind != RedisKind.Bulk ? new LaneStep(reply.Number == 1, null) : new LaneStep(true, reply.Bytes[(reply.Bytes.Span.IndexOf((byte)'\n') + 1)..]));

    private static Outcome<RedisArgument> Written(LaneMessage message)
    {
        byte[] written = [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{message.Tag} {message.Id}\n")), .. message.Content.Span];
        return written.Length <= MaxMessageBytes
            ? (RedisArgument)written
            : new Refusal.InvalidArgument($"a message has {written.Length:N0} bytes, the most that the shared inbox takes is {MaxMessageBytes:N0}");
    }

    private static RedisArgument[] Arguments(IEnumerable<string> lanes) => [.. lanes.Select(lane => (RedisArgument)lane)];

    /// <summary>As many lanes as go into one call each: what waits to be sent is bounded, and others use the connection too.</summary>
    private static IEnumerable<List<string>> Calls(IEnumerable<string> lanes)
    {
        var (call, bytes) = (new List<string>(), 0);
        foreach (var lane in lanes)
        {
            var more = Encoding.UTF8.GetByteCount(lane);
            if (call.Count == MostInOneCall || (call.Count > 0 && bytes + more > MostBytesInOneCall))
            {
                yield return call;
                (call, bytes) = ([], 0);
            }

            call.Add(lane);
            bytes += more;
        }

        if (call.Count > 0)
        {
            yield return call;
        }
    }

    /// <summary>Goes on after a failure: what the others hold must not be lost with it.</summary>
    private async Task<Refusal?> ForEachAsync(RedisScript script, IEnumerable<string> lanes, RedisArgument[] before, CancellationToken cancellationToken)
    {
        Refusal? refusal = null;
        foreach (var call in Calls(lanes))
        {
            refusal = (await RunAsync(script, [.. before, .. Arguments(call)], cancellationToken)).Refusal ?? refusal;
        }

        return refusal;
    }

    private async Task<Outcome<RedisReply>> RunAsync(RedisScript script, IEnumerable<RedisArgument> arguments, CancellationToken cancellationToken)
    {
        RedisArgument[] all = [owner, (long)limits.Lease.TotalMilliseconds, .. arguments];
        var answer = await redis.AskAsync((client, token) => client.EvalAsync(script, new RedisArgument[] { _prefix }, all, token), cancellationToken);
        return answer.Reply is { } reply ? reply : new Refusal.StoreFailed($"the inbox does not answer: {answer.Reason}");
    }
}
