namespace Gtc.Nats;

/// <content>One loop connects, serves the link until it ends, and connects again.</content>
public sealed partial class NatsConnection : ILinkOwner
{
    /// <summary>A link that lived shorter counts as a failure: a server that accepts and drops must not be called in a tight circle.</summary>
    private static readonly TimeSpan ShortLife = TimeSpan.FromSeconds(1);

    /// <summary>Clients of a server that is leaving go within this time, not all at once.</summary>
    private static readonly TimeSpan LeaveWindow = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly ServerPool _servers;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource<NatsError?> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _telling = new();
    private readonly ITimer _pings;
    private readonly Task _running;
    private volatile NatsStatus _status;
    private TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _leaving;

    /// <summary>Told of every change. Handlers must return soon: they run in the connection's own loops.</summary>
    public event Action<NatsStatus>? StatusChanged;

    /// <summary>Where the connection stands.</summary>
    public NatsStatus Status => _status;

    /// <summary>After a drop the first attempt waits a random part of this, so that a fleet does not come back all at once; zero to try at once.</summary>
    public TimeSpan ReconnectWindow { get; set; }

    /// <summary>Waits until there is a connection.</summary>
    /// <returns>Done, or <see cref="NatsErrorKind.Closed"/>.</returns>
    public async Task<NatsResult> WaitUntilConnectedAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task connected;
            lock (_telling)
            {
                if (_status.State != NatsState.Connecting)
                {
                    return _status.State == NatsState.Connected ? NatsResult.Done : NatsError.Closed;
                }

                connected = _connected.Task;
            }

            await connected.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Sends what was published, then closes the connection for good.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_telling)
        {
            if (_status.State == NatsState.Closed)
            {
                return;
            }

            _status = _status with { State = NatsState.Closed, Error = null };
            _connected.TrySetResult();
        }

        _link?.Close();
        using (var patience = new CancellationTokenSource(CloseTimeout, _time))
        {
            await (_link is null ? Task.CompletedTask : _running.WaitAsync(patience.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _stopping.CancelAsync();
        await _running;
        await _pings.DisposeAsync();
        _leaving?.Dispose();
        foreach (var subscribed in _subscribed.Values)
        {
            subscribed.Sink.Failed(NatsError.Closed);
        }

        _replies.Dispose();
        _stopping.Dispose();
        StatusChanged?.Invoke(_status);
    }

    /// <summary>Tells of an error that does not end the connection.</summary>
    internal void Report(NatsError error) => StatusChanged?.Invoke(_status with { Error = error });

    void ILinkOwner.Received(in Frame frame)
    {
        if (frame.Sid == InboxSid)
        {
            _replies.Received(frame);
        }
        else if (_subscribed.TryGetValue(frame.Sid, out var subscribed))
        {
            subscribed.Sink.Received(frame);
        }
    }

    void ILinkOwner.Greeted(Link link)
    {
        _servers.Merge(link.Hello, link.IsSecure);
        if (link.Hello.IsLeaving && _servers.Count > 1 && _leaving is null)
        {
            _leaving = _time.CreateTimer(static link => ((Link)link!).Close(), link, LeaveWindow * _options.Jitter(), Timeout.InfiniteTimeSpan);
        }
    }

    void ILinkOwner.Refused(Link link, string text)
    {
        if (ServerErrors.IsPermission(text))
        {
            Refuse(text);
        }
        else
        {
            link.Finish(ServerErrors.Read(text, link.Server));
        }
    }

    private async Task RunAsync()
    {
        try
        {
            await KeepAsync();
        }
        finally
        {
            _first.TrySetResult(NatsError.Closed);
            _replies.FailAll(NatsError.Closed);
        }
    }

    private async Task KeepAsync()
    {
        var failures = 0;
        while (_status.State != NatsState.Closed)
        {
            try
            {
                var server = _servers.Next(out var isRoundOver);
                var dialed = await Dialer.DialAsync(server, _options, _time, _stopping.Token);
                if (dialed.TryGet(out var wire, out var error))
                {
                    var since = _time.GetTimestamp();
                    error = await ServeAsync(wire, server);
                    failures = _time.GetElapsedTime(since) < ShortLife ? failures + 1 : 0;
                    Tell(NatsState.Connecting, server, error);
                    if (_status.State == NatsState.Closed)
                    {
                        break;
                    }

                    await Task.Delay(failures > 0 ? Backoff(failures) : ReconnectWindow * _options.Jitter(), _time, _stopping.Token);
                    continue;
                }

                Tell(NatsState.Connecting, server, error);
                if (isRoundOver)
                {
                    _first.TrySetResult(error);
                    await Task.Delay(Backoff(++failures), _time, _stopping.Token);
                }
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }
    }

    private TimeSpan Backoff(int failures)
    {
        var longest = _options.FirstBackoff.TotalMilliseconds * Math.Pow(2, Math.Min(failures - 1, 30));
        return TimeSpan.FromMilliseconds(Math.Min(longest, _options.LongestBackoff.TotalMilliseconds) * _options.Jitter());
    }

    private async Task<NatsError> ServeAsync(Wire wire, ServerAddress server)
    {
        await using var link = new Link(wire, server, _options, this);
        _servers.Merge(link.Hello, link.IsSecure);
        var running = link.RunAsync();
        Attach(link, server);
        await using (_stopping.Token.UnsafeRegister(static link => ((Link)link!).Finish(NatsError.Closed), link))
        {
            var end = await running;
            lock (_subscribing)
            {
                _link = null;
            }

            _leaving?.Dispose();
            _leaving = null;
            _replies.FailAll(_status.State == NatsState.Closed ? NatsError.Closed : end with { Kind = NatsErrorKind.ConnectionLost });
            return end;
        }
    }

    /// <summary>The subscriptions are on their way before anybody can publish.</summary>
    private void Attach(Link link, ServerAddress server)
    {
        lock (_subscribing)
        {
            foreach (var (sid, subscribed) in _subscribed)
            {
                link.Subscribe(subscribed.Subject, subscribed.Queue, sid);
            }

            _link = link;
        }

        Tell(NatsState.Connected, server, null);
        _first.TrySetResult(null);
        foreach (var subscribed in _subscribed.Values)
        {
            subscribed.Sink.Reconnected();
        }
    }

    private void Tell(NatsState state, ServerAddress server, NatsError? error)
    {
        NatsStatus status;
        lock (_telling)
        {
            if (_status.State == NatsState.Closed)
            {
                return;
            }

            _status = status = new(state, server.ToString(), error, _status.Connects + (state == NatsState.Connected ? 1 : 0));
            if (state == NatsState.Connected)
            {
                _connected.TrySetResult();
            }
            else if (_connected.Task.IsCompleted)
            {
                _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        StatusChanged?.Invoke(status);
    }
}
