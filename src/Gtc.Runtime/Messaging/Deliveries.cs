using System.Collections.Immutable;
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

    private readonly LiveServing _live;
    private readonly RevisionDesk _desk;
    private readonly SeatedRequests _seated;
    private readonly WorkerOptions _options;
    private readonly ILogger _logger;
    private readonly string _path;
    private readonly Lock _gate = new();
    private readonly SessionLanes _lanes;
    private readonly AnsweringRoom _room = new(MaxAtOnce);
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
}
