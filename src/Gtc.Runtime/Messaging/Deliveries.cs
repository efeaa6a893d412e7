using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Gtc.Flows;
using Gtc.Model;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>
/// Answers the messages of the inbox: runs the flow once, sends what it replied, and again where a failure may pass. Messages of one session are answered
/// in the order in which they came; one that cannot be answered holds up nobody else, and is given up in the end.
/// </summary>
internal sealed partial class Deliveries : IAsyncDisposable
{
    private const int MaxAtOnce = 16;
    private const int MaxAttempts = 10;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(2);

    private readonly LiveServing _live;
    private readonly RevisionDesk _desk;
    private readonly SeatedRequests _seated;
    private readonly WorkerOptions _options;
    private readonly ILogger _logger;
    private readonly string _path;
    private readonly Lock _gate = new();
    private readonly SessionLanes _lanes;
    private readonly SemaphoreSlim _room = new(MaxAtOnce);
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _cutting = new();
    private IInbox? _inbox;

    public Deliveries(LiveServing live, RevisionDesk desk, SeatedRequests seated, WorkerOptions options, ILogger logger)
    {
        (_live, _desk, _seated, _options, _logger) = (live, desk, seated, options, logger);

        _lanes = new SessionLanes(AnswerAsync, _stopping.Token);

        // Workers that share a folder have a file each.
        _path = Path.Combine(options.EnvironmentFolder, "messaging", options.SharesFolder ? $"inbox-{options.OwnRevision}.log" : "inbox.log");
    }

    /// <summary>Goes on with what a former process left. A file that nobody ever wrote to is not made.</summary>
    public void Resume()
    {
        if ((SharedIn is not null || File.Exists(_path)) && Open() is { } refusal)
        {
            Log.NotOpened(_logger, refusal.Message);
        }
    }

    /// <summary>Takes messages in and begins to answer them.</summary>
    /// <returns>Null when they are kept, or were before; else why their sender must come again.</returns>
    public async Task<Refusal?> TakeAsync(ImmutableArray<InboxItem> items, CancellationToken cancellationToken)
    {
        if (Open() is { } refusal)
        {
            return refusal;
        }

        // Whoever gives up waiting must not keep what was written from being answered.
        var taking = TakeAsync(_inbox!, items);
        return await taking.WaitAsync(cancellationToken);
    }

    /// <summary>Lets what is under way end within the drain time; the rest is answered by the next process.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _cutting.CancelAfter(_options.DrainTime);
        await _lanes.EndAsync();
        if (_inbox is not null)
        {
            await _inbox.DisposeAsync();
        }

        _stopping.Dispose();
        _cutting.Dispose();
        _room.Dispose();
    }

    private FlowRedis? SharedIn => _live.Pool.Components.SharedInbox;

    private async Task<Refusal?> TakeAsync(IInbox inbox, ImmutableArray<InboxItem> items)
    {
        var taken = await inbox.TakeAsync(items, CancellationToken.None);
        foreach (var item in taken.Items)
        {
            _lanes.Queue(item);
        }

        return taken.Refusal;
    }

    /// <returns>Why it cannot be opened; null when it is open.</returns>
    private Refusal? Open()
    {
        lock (_gate)
        {
            if (_inbox is not null)
            {
                return null;
            }

            if (SharedIn is { } redis)
            {
                _inbox = new SharedInbox(redis, _live, _options, _logger, _lanes.Queue, _cutting.Token);
                return null;
            }

            if (!Inbox.Open(_path, _options.Keys).TryGet(out var inbox, out var refusal))
            {
                return refusal;
            }

            _inbox = inbox;

            // Before anything that comes in from now on.
            foreach (var item in inbox.Unanswered)
            {
                _lanes.Queue(item);
            }

            if (!inbox.Unanswered.IsEmpty)
            {
                Log.Resumed(_logger, inbox.Unanswered.Length);
            }

            return null;
        }
    }

    private async Task AnswerAsync(InboxItem item)
    {
        var pause = FirstPause;
        for (var attempt = 1; ; attempt++)
        {
            string? problem, left;
            await _room.WaitAsync(_stopping.Token);
            try
            {
                (item, problem, left) = await TryAnswerAsync(item, isAgain: attempt > 1);
            }
            finally
            {
                _room.Release();
            }

            if (left is not null)
            {
                Log.Left(_logger, item.ProviderType, item.Deployment, left);
                return;
            }

            if (problem is null || attempt == MaxAttempts)
            {
                if (problem is not null)
                {
                    Log.GivenUp(_logger, item.ProviderType, item.Deployment, attempt, problem);
                }

                await _inbox!.NoteAsync(new(item.Id, null, item.Sent, IsDone: true));
                return;
            }

            var wait = pause * (1 + (_options.Jitter() / 4));
            Log.TriedAgain(_logger, item.ProviderType, item.Deployment, problem, wait.TotalSeconds);
            await Task.Delay(wait, _options.Time, _stopping.Token);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private async Task<Attempt> TryAnswerAsync(InboxItem item, bool isAgain)
    {
        // While it waited, it may have become another worker's.
        if (isAgain && await _inbox!.NoteAsync(new(item.Id, item.Replies, item.Sent, IsDone: false)) is { } gone)
        {
            return new(item, null, gone);
        }

        var (seat, why) = await _desk.EnterAgainAsync(item, _cutting.Token);
        if (seat is null)
        {
            return new(item, why!.Text, null);
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_cutting.Token, seat.Revision.Cut);
        try
        {
            if (Providers.ByType(seat.Revision, item.ProviderType) is not { } provider)
            {
                return new(item, string.Create(CultureInfo.InvariantCulture, $"revision {seat.Revision.Id} has no provider {item.ProviderType}"), null);
            }

            if (item.Replies is null)
            {
                item = item with { Replies = Replies(item, seat, ending.Token) };
                if (await _inbox!.NoteAsync(new(item.Id, item.Replies, item.Sent, IsDone: false)) is { } left)
                {
                    return new(item, null, left);
                }
            }

            return await SendAsync(item, provider, seat, ending.Token);
        }
        catch (OperationCanceledException) when (!_cutting.IsCancellationRequested)
        {
            return new(item, "the drain time of its revision was over", null);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // A bug of ours must not hold up the messages behind this one for good.
            return new(item, $"{error.GetType().Name}: {error.Message}", null);
        }
        finally
        {
            seat.Revision.Leave();
        }
    }

    private ImmutableArray<JsonElement> Replies(InboxItem item, Seat seat, CancellationToken cancellationToken)
    {
        var activity = ChannelEnvelope.Activity(item.Envelope, item.ProviderType, item.Endpoint) with
        {
            MessageId = item.Key ?? item.Id.ToString(CultureInfo.InvariantCulture),
            Welcome = item.Endpoint is { } id ? Providers.WelcomeOf(_live.Current.Document.MessagingEndpoints.FirstOrDefault(endpoint => endpoint.EndpointId == id), seat.Route.BundleId) : null,
        };
        if (_seated.Run(seat.Revision, seat.Usage, activity, cancellationToken) is not { } reply)
        {
            return [];
        }

        if (reply.HasFailed)
        {
            Log.FlowFailed(_logger, reply.FlowId, seat.Revision.Id, reply.Failure ?? string.Empty);
        }

        return ChannelEnvelope.Replies(item.Envelope, reply);
    }

    private async Task<Attempt> SendAsync(InboxItem item, ProviderComponent provider, Seat seat, CancellationToken cancellationToken)
    {
        var sending = new Sending(provider, seat.Revision.Context, _live.Pool.Components.ConfigOf(item.Deployment, provider));
        var replies = item.Replies ?? [];
        while (item.Sent < replies.Length)
        {
            var outcome = sending.Send(replies[item.Sent], cancellationToken);
            if (outcome is { Problem: { } passing, MayPass: true })
            {
                return new(item, passing, null);
            }

            if (outcome.Problem is { } problem)
            {
                Log.NotSent(_logger, item.ProviderType, item.Deployment, problem);
            }

            item = item with { Sent = item.Sent + 1 };
            if (await _inbox!.NoteAsync(new(item.Id, null, item.Sent, IsDone: false)) is { } left)
            {
                return new(item, null, left);
            }
        }

        return new(item, null, null);
    }

    /// <summary>What became of an attempt.</summary>
    /// <param name="Item">The message as far as it got.</param>
    /// <param name="Problem">Why it is to be tried again; null when nothing is left to do here.</param>
    /// <param name="Left">Why it is another worker's; null when it is not.</param>
    private readonly record struct Attempt(InboxItem Item, string? Problem, string? Left);

    private static partial class Log
    {
        [LoggerMessage(5013, LogLevel.Error, "The inbox cannot be opened; messages in it wait, and senders are asked to come again: {Reason}")]
        public static partial void NotOpened(ILogger logger, string reason);

        [LoggerMessage(5014, LogLevel.Information, "{Count} messages that a former process took in are answered now")]
        public static partial void Resumed(ILogger logger, int count);

        [LoggerMessage(5015, LogLevel.Error, "A reply through {Provider} for deployment {Deployment} was not sent: {Reason}")]
        public static partial void NotSent(ILogger logger, string provider, DeploymentId deployment, string reason);

        [LoggerMessage(5016, LogLevel.Warning, "A message through {Provider} for deployment {Deployment} is not answered yet: {Reason}; tried again in {Seconds} s")]
        public static partial void TriedAgain(ILogger logger, string provider, DeploymentId deployment, string reason, double seconds);

        [LoggerMessage(5017, LogLevel.Error, "A message through {Provider} for deployment {Deployment} is given up after {Attempts} attempts: {Reason}")]
        public static partial void GivenUp(ILogger logger, string provider, DeploymentId deployment, int attempts, string reason);

        [LoggerMessage(5033, LogLevel.Warning, "A message through {Provider} for deployment {Deployment} is left to another worker: {Reason}")]
        public static partial void Left(ILogger logger, string provider, DeploymentId deployment, string reason);

        [LoggerMessage(5018, LogLevel.Warning, "Flow {Flow} of revision {Revision} failed on a message: {Reason}")]
        public static partial void FlowFailed(ILogger logger, string flow, RevisionId revision, string reason);
    }
}
