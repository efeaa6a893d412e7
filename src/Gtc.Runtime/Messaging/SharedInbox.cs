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
    private const int MostInOneCall = 1024;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

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
    private readonly ConcurrentDictionary<long, InboxItem> _held = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _looking;
    private string? _problem;

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
        items = [.. items.Select(item => item with { Id = Number() })];

        // They came with one request, for one deployment.
        var put = await Of(items[0].Deployment).PutAsync([.. items.Select(Message)], cancellationToken);
        if (!put.TryGet(out var kept, out var refusal))
        {
            return new([], refusal);
        }

        ImmutableArray<InboxItem> begun = [.. kept.Begun.Select(place => items[place])];
        foreach (var item in begun)
        {
            _held[item.Id] = item;
        }

        return kept.IsFull ? Full : new(begun, null);
    }

    /// <inheritdoc/>
    public async Task<string?> NoteAsync(InboxProgress progress)
    {
        if (!_held.TryGetValue(progress.Id, out var item))
        {
            return "another worker has its chat";
        }

        item = item with { Replies = progress.Replies ?? item.Replies, Sent = progress.Sent };
        var noted = await InsistAsync(token => progress.IsDone ? Of(item.Deployment).DoneAsync(item.Lane, item.Id, token) : Of(item.Deployment).ReplaceAsync(Message(item), token));
        if (noted.Refusal is Refusal.InvalidArgument large)
        {
            // What a flow answered is more than can be kept. It goes out all the same: whoever took the message over would only come as far again.
            _held[progress.Id] = item;
            Log.NotWritten(_logger, item.Deployment, large.Message);
            return null;
        }

        if (!noted.TryGet(out var step, out var refusal) || !step.IsOurs || progress.IsDone)
        {
            _held.TryRemove(progress.Id, out _);
        }
        else
        {
            _held[progress.Id] = item;
        }

        if (step.Next is { } next && Read(item.Deployment, next) is { } following)
        {
            if (_live.Current.Activation.Find(following.Revision) is not null)
            {
                Begin(following);
            }
            else
            {
                // A worker of its revision answers it; should there be none, it comes back here after the grace time.
                await Of(item.Deployment).ReleaseAsync([item.Lane], CancellationToken.None);
            }
        }

        return refusal?.Message ?? (step.IsOurs ? null : "another worker has its chat");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _looking;
        foreach (var (deployment, lanes) in HeldLanes())
        {
            // What is not answered here is another worker's at once. Should that fail, their lease ends by itself.
            await Of(deployment).ReleaseAsync(lanes, CancellationToken.None);
        }

        _closing.Dispose();
    }

    private static LaneMessage Message(InboxItem item) =>
        new(item.Id, item.Lane, item.Key, item.Revision.ToString(), JsonSerializer.SerializeToUtf8Bytes(item, InboxJson.Default.InboxItem));

    private SharedLanes Of(DeploymentId deployment) => _lanes.GetOrAdd(deployment, id => new SharedLanes(_redis, $"{_options.Environment}:{id}", _owner, _limits));

    private long Number()
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        _options.Keys(bytes);
        return BitConverter.ToInt64(bytes) & long.MaxValue;
    }

    private IEnumerable<(DeploymentId Deployment, string[] Lanes)> HeldLanes() =>
        _held.Values.GroupBy(item => item.Deployment).SelectMany(items => items.Select(item => item.Lane).Distinct().Chunk(MostInOneCall).Select(lanes => (items.Key, lanes)));

    /// <summary>A server that is away may come back while the chat is still this worker's. What it may have done already is done once when it is asked again.</summary>
    private async Task<Outcome<LaneStep>> InsistAsync(Func<CancellationToken, Task<Outcome<LaneStep>>> ask)
    {
        var began = _options.Time.GetTimestamp();
        while (true)
        {
            var answered = await ask(CancellationToken.None);
            if (answered.Refusal is not Refusal.StoreFailed || _options.Time.GetElapsedTime(began) > _limits.Lease)
            {
                return answered;
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

    private InboxItem? Read(DeploymentId deployment, ReadOnlyMemory<byte> content)
    {
        try
        {
            return JsonSerializer.Deserialize(content.Span, InboxJson.Default.InboxItem);
        }
        catch (JsonException error)
        {
            // Of a later version: a worker of that one takes it when its lease here is over.
            Log.NotRead(_logger, deployment, error.Message);
            return null;
        }
    }

    private void Begin(InboxItem item)
    {
        if (_held.TryAdd(item.Id, item))
        {
            _begin(item);
        }
    }

    private async Task LookAsync()
    {
        Log.Opened(_logger, _redis.Place);
        try
        {
            for (var isNew = true; ; isNew &= _problem is not null)
            {
                Tell(await RenewAsync() ?? await ClaimAsync());
                if (isNew && _problem is null && await _redis.IsDurableAsync(_closing.Token) == false)
                {
                    Log.NotDurable(_logger, _redis.Place);
                }

                await Task.Delay(_limits.Lease / 6, _options.Time, _closing.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The worker stops.
        }
    }

    private async Task<Refusal?> RenewAsync()
    {
        foreach (var (deployment, lanes) in HeldLanes())
        {
            if (await Of(deployment).RenewAsync(lanes, _closing.Token) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    private async Task<Refusal?> ClaimAsync()
    {
        foreach (var route in _live.Current.Activation.Table.Routes)
        {
            string[] held = [.. _held.Values.Where(item => item.Deployment == route.Deployment).Select(item => item.Lane).Distinct()];
            var tags = _live.Current.Activation.Revisions.Where(revision => revision.Deployment == route.Deployment).Select(revision => revision.Id.ToString());
            if (!(await Of(route.Deployment).ClaimAsync(tags, held, MostClaimed, _closing.Token)).TryGet(out var claimed, out var refusal))
            {
                return refusal;
            }

            foreach (var lane in claimed)
            {
                if (!(await Of(route.Deployment).FirstAsync(lane, _closing.Token)).TryGet(out var step, out refusal))
                {
                    return refusal;
                }

                if (step.Next is { } first && Read(route.Deployment, first) is { } item)
                {
                    Begin(item);
                }
            }

            if (claimed.Length > 0)
            {
                Log.TakenOver(_logger, claimed.Length, route.Deployment);
            }
        }

        return null;
    }

    /// <summary>Tells once that the server is away, and once that it is back.</summary>
    private void Tell(Refusal? refusal)
    {
        if (refusal is not null && _problem is null)
        {
            Log.Away(_logger, refusal.Message);
        }
        else if (refusal is null && _problem is not null)
        {
            Log.Back(_logger, _redis.Place);
        }

        _problem = refusal?.Message;
    }

    private static partial class Log
    {
        [LoggerMessage(5027, LogLevel.Information, "The inbox lies in {Place}, where other workers go on with what this one leaves")]
        public static partial void Opened(ILogger logger, string place);

        [LoggerMessage(5028, LogLevel.Warning, "The Redis at {Place} writes no append-only file: messages that wait in it are lost when it crashes")]
        public static partial void NotDurable(ILogger logger, string place);

        [LoggerMessage(5029, LogLevel.Information, "{Count} chats of deployment {Deployment}, which no worker answered any more, are answered here now")]
        public static partial void TakenOver(ILogger logger, int count, DeploymentId deployment);

        [LoggerMessage(5030, LogLevel.Error, "A message for deployment {Deployment} is left to another worker, since it cannot be read here: {Reason}")]
        public static partial void NotRead(ILogger logger, DeploymentId deployment, string reason);

        [LoggerMessage(5035, LogLevel.Warning, "How far a message for deployment {Deployment} got is not written down: {Reason}")]
        public static partial void NotWritten(ILogger logger, DeploymentId deployment, string reason);

        [LoggerMessage(5031, LogLevel.Warning, "{Reason}; messages in it wait, and senders are asked to come again")]
        public static partial void Away(ILogger logger, string reason);

        [LoggerMessage(5032, LogLevel.Information, "The inbox in {Place} answers again")]
        public static partial void Back(ILogger logger, string place);
    }
}
