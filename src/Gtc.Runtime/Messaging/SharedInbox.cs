using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Flows;
using Gtc.Model;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>
/// Messages that were taken in, kept in the Redis where sessions are, so that they outlive the worker and its disk. The first message of a chat is answered by
/// the one worker that has the chat; it says so again all the time, and when it does not any more another one goes on. Nothing goes out before it is written
/// down that this worker may send it.
/// </summary>
internal sealed partial class SharedInbox : IInbox
{
    // A claim may bring this many chats at once; the rest waits for the next one, or for other workers.
    private const int MostClaimed = 64;
    private const string Gone = "another worker has its chat";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(24);

    private static readonly Taken Full = new([], new Refusal.StoreFailed("the inbox is full"));

    private readonly FlowRedis _redis;
    private readonly LiveServing _live;
    private readonly WorkerOptions _options;
    private readonly ILogger _logger;
    private readonly Action<InboxItem> _begin;
    private readonly CancellationToken _cut;
    private readonly LaneLimits _limits;
    private readonly string _owner;
    private readonly ConcurrentDictionary<DeploymentId, SharedLanes> _lanes = new();
    private readonly ConcurrentDictionary<long, Held> _held = new();
    private readonly ConcurrentDictionary<(DeploymentId Deployment, string Lane), long> _unwanted = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _looking;

    /// <summary>Opens it, and begins to look for messages that nobody answers.</summary>
    /// <param name="redis">Where it lies.</param>
    /// <param name="live">What is served.</param>
    /// <param name="options">The clock and the random numbers.</param>
    /// <param name="logger">Where it tells what it does.</param>
    /// <param name="begin">Answers a message that this worker has from now on.</param>
    /// <param name="cut">Nothing is waited for any more.</param>
    public SharedInbox(FlowRedis redis, LiveServing live, WorkerOptions options, ILogger logger, Action<InboxItem> begin, CancellationToken cut)
    {
        (_redis, _live, _options, _logger, _begin, _cut) = (redis, live, options, logger, begin, cut);
        _limits = new(Inbox.MaxWaiting, Inbox.MaxWaitingBytes, Inbox.KeysKept, options.InboxLease, options.InboxLease);
        _owner = Number().ToString("x16", null);
        _looking = LookAsync();
    }

    /// <inheritdoc/>
    public async Task<Taken> TakeAsync(ImmutableArray<InboxItem> items, CancellationToken cancellationToken)
    {
        items = [.. items.Select(item => item with { Id = Number(), ReceivedAt = _options.Time.GetUtcNow() })];

        // They came with one request, for one deployment.
        var put = await Of(items[0].Deployment).PutAsync([.. items.Select(Message)], cancellationToken);
        if (!put.TryGet(out var kept, out var refusal))
        {
            return new([], refusal);
        }

        ImmutableArray<InboxItem> begun = [.. kept.Begun.Select(place => items[place])];
        foreach (var item in begun)
        {
            _held[item.Id] = new(item, IsBegun: false);
        }

        return kept.IsFull ? Full : new(begun, null);
    }

    /// <summary>Whether a message waits for so long that nobody need look for it any more.</summary>
    public bool IsTooOld(InboxItem item) => item.ReceivedAt is { } at && _options.Time.GetUtcNow() - at > MaxAge;

    /// <inheritdoc/>
    public async Task<string?> BeginAsync(long id)
    {
        if (!_held.TryGetValue(id, out var held))
        {
            return Gone;
        }

        if (!held.IsBegun)
        {
            // Should this worker not survive it, the next one knows that it is not the first.
            _held[id] = held = new(held.Item with { Begun = held.Item.Begun + 1 }, IsBegun: true);
        }

        return await NoteAsync(new(id, null, held.Item.Sent, IsDone: false));
    }

    /// <inheritdoc/>
    public async Task<string?> NoteAsync(InboxProgress progress)
    {
        if (!_held.TryGetValue(progress.Id, out var held))
        {
            return Gone;
        }

        var item = held.Item with { Replies = progress.Replies ?? held.Item.Replies, Sent = progress.Sent };
        var noted = await InsistAsync(token => progress.IsDone ? Of(item.Deployment).DoneAsync(item.Lane, item.Id, token) : Of(item.Deployment).ReplaceAsync(Message(item), token));
        if (noted.Refusal is Refusal.InvalidArgument large)
        {
            // What a flow answered is more than can be kept. It goes out all the same: whoever took the message over would only come as far again.
            _held[progress.Id] = held with { Item = item };
            Log.NotWritten(_logger, item.Deployment, large.Message);
            return null;
        }

        if (!noted.TryGet(out var step, out var refusal) || !step.IsOurs || progress.IsDone)
        {
            _held.TryRemove(progress.Id, out _);
        }
        else
        {
            _held[progress.Id] = held with { Item = item };
        }

        if (step.Next is { } next)
        {
            await FollowAsync(item, next);
        }

        return refusal?.Message ?? (step.IsOurs ? null : Gone);
    }

    /// <summary>Leaves a message that nobody can answer here to other workers: at once, and this one does not look for it for a while.</summary>
    /// <returns>Whether that is news: its chat was not left a moment ago.</returns>
    public async Task<bool> LeaveAsync(long id)
    {
        if (!_held.TryRemove(id, out var held))
        {
            return false;
        }

        if (held.IsBegun)
        {
            await Of(held.Item.Deployment).ReplaceAsync(Message(held.NotBegun), CancellationToken.None);
        }

        return await LeaveAsync(held.Item.Deployment, held.Item.Lane);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _looking;
        foreach (var held in _held.Values.Where(held => held.IsBegun))
        {
            // It was not this message that ended this worker.
            if ((await Of(held.Item.Deployment).ReplaceAsync(Message(held.NotBegun), CancellationToken.None)).Refusal is Refusal.StoreFailed)
            {
                break;
            }
        }

        foreach (var held in _held.Values.GroupBy(held => held.Item.Deployment))
        {
            // What is not answered here is another worker's at once. Should that fail, their lease ends by itself.
            await Of(held.Key).ReleaseAsync(held.Select(each => each.Item.Lane).Distinct(), toAnybody: false, CancellationToken.None);
        }

        _closing.Dispose();
    }

    private TimeSpan RenewEvery => _limits.Lease / 6;

    private static LaneMessage Message(InboxItem item) =>
        new(item.Id, item.Lane, item.Key, item.Revision.ToString(), JsonSerializer.SerializeToUtf8Bytes(item, InboxJson.Default.InboxItem));

    private SharedLanes Of(DeploymentId deployment) => _lanes.GetOrAdd(deployment, id => new SharedLanes(_redis, $"{_options.Environment}:{id}", _owner, _limits));

    private long Number()
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        _options.Keys(bytes);
        return BitConverter.ToInt64(bytes) & long.MaxValue;
    }

    /// <summary>
    /// A server that is away comes back, and then it is to know what was done meanwhile. What it may have done already is done once when it is asked again; and
    /// should the chat have become another worker's, that is the answer.
    /// </summary>
    private async Task<Outcome<LaneStep>> InsistAsync(Func<CancellationToken, Task<Outcome<LaneStep>>> ask)
    {
        var began = _options.Time.GetTimestamp();
        for (var isTold = false; ;)
        {
            var answered = await ask(CancellationToken.None);
            if (answered.Refusal is not Refusal.StoreFailed failed)
            {
                return answered;
            }

            if (!isTold && _options.Time.GetElapsedTime(began) > _limits.Lease)
            {
                Log.Insists(_logger, failed.Message);
                isTold = true;
            }

            try
            {
                await Task.Delay(Pause, _options.Time, _cut);
            }
            catch (OperationCanceledException)
            {
                return answered;
            }
        }
    }

    /// <summary>The next message of a chat. What a revision left that is gone is answered in one go; what is of another one that is not here, by that one's workers.</summary>
    private async Task FollowAsync(InboxItem item, ReadOnlyMemory<byte> next)
    {
        var following = Read(item.Deployment, next);
        if (following is not null && following.Revision != item.Revision && _live.Current.Activation.Find(following.Revision) is null)
        {
            // Should there be none, it comes back here after the grace time.
            await Of(item.Deployment).ReleaseAsync([item.Lane], toAnybody: false, CancellationToken.None);
            return;
        }

        await BeginAsync(item.Deployment, item.Lane, following);
    }

    private InboxItem? Read(DeploymentId deployment, ReadOnlyMemory<byte> content)
    {
        try
        {
            return JsonSerializer.Deserialize(content.Span, InboxJson.Default.InboxItem);
        }
        catch (JsonException error)
        {
            // Of a later version: a worker of that one takes it.
            Log.NotRead(_logger, deployment, error.Message);
            return null;
        }
    }

    /// <summary>Begins a message; one that cannot be read is left to those who can.</summary>
    private async Task BeginAsync(DeploymentId deployment, string lane, InboxItem? item)
    {
        if (item is null)
        {
            await LeaveAsync(deployment, lane);
        }
        else if (_held.TryAdd(item.Id, new(item, IsBegun: false)))
        {
            _begin(item);
        }
    }

    private async Task<bool> LeaveAsync(DeploymentId deployment, string lane)
    {
        var isNews = !_unwanted.ContainsKey((deployment, lane));
        _unwanted[(deployment, lane)] = _options.Time.GetTimestamp();

        // Should that fail, its lease ends by itself.
        await Of(deployment).ReleaseAsync([lane], toAnybody: true, CancellationToken.None);
        return isNews;
    }

    /// <summary>A message that this worker has.</summary>
    /// <param name="Item">The message as far as it got.</param>
    /// <param name="IsBegun">Whether this worker is among those that began it.</param>
    private sealed record Held(InboxItem Item, bool IsBegun)
    {
        /// <summary>As if this worker had never begun it.</summary>
        public InboxItem NotBegun => Item with { Begun = Item.Begun - 1 };
    }
}
