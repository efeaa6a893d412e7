using System.Collections.Concurrent;

namespace Gtc.Nats;

/// <content>Subscriptions: their numbers stay the same on every connection.</content>
public sealed partial class NatsConnection
{
    private const ulong InboxSid = 1;

    private readonly ConcurrentDictionary<ulong, Subscribed> _subscribed = new();

    /// <summary>Held while the subscriptions and the link that they stand on change, so that none is missed.</summary>
    private readonly Lock _subscribing = new();

    private ulong _lastSid = InboxSid;
    private volatile bool _hasInbox;

    /// <summary>Subscribes. On a connection it returns when the server has taken the subscription; without one, it will stand on the next.</summary>
    /// <param name="subject">The subject; <c>*</c> stands for one token, a last <c>&gt;</c> for all that follow.</param>
    /// <param name="options">Queue group and bounds.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The subscription, or why the server does not allow it.</returns>
    public async Task<NatsResult<NatsSubscription>> SubscribeAsync(string subject, SubscriptionOptions options, CancellationToken cancellationToken)
    {
        if (Subject.Check(subject) is { } invalid || (options.Queue is not null && (invalid = Subject.Check(options.Queue)) is not null))
        {
            return invalid;
        }

        if (Status.State == NatsState.Closed)
        {
            return NatsError.Closed;
        }

        var subscription = new NatsSubscription(this, subject, options);
        subscription.Sid = Subscribe(subject, options.Queue, subscription);
        if (_link is not { } link)
        {
            return subscription;
        }

        try
        {
            await link.PingAsync().WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await subscription.DisposeAsync();
            throw;
        }

        return subscription.Error is { } error ? error : subscription;
    }

    /// <summary>Subscribes with the usual bounds and no queue group.</summary>
    public Task<NatsResult<NatsSubscription>> SubscribeAsync(string subject, CancellationToken cancellationToken) =>
        SubscribeAsync(subject, new(), cancellationToken);

    /// <summary>Enters a subscription and asks the server for it.</summary>
    internal ulong Subscribe(string subject, string? queue, IFrameSink sink)
    {
        lock (_subscribing)
        {
            var sid = ++_lastSid;
            _subscribed[sid] = new(subject, queue, sink);
            _link?.Subscribe(subject, queue, sid);
            return sid;
        }
    }

    internal void Unsubscribe(ulong sid)
    {
        lock (_subscribing)
        {
            if (_subscribed.TryRemove(sid, out _))
            {
                _link?.Unsubscribe(sid);
            }
        }
    }

    /// <summary>The subscription of all answers stands from the first question on.</summary>
    private void EnsureInbox()
    {
        if (_hasInbox)
        {
            return;
        }

        lock (_subscribing)
        {
            if (!_hasInbox)
            {
                _subscribed[InboxSid] = new(_replies.Wildcard, null, _replies);
                _link?.Subscribe(_replies.Wildcard, null, InboxSid);
                _hasInbox = true;
            }
        }
    }

    private void Refuse(string text)
    {
        var error = new NatsError(NatsErrorKind.PermissionDenied, text);
        var (isPublish, subject) = ServerErrors.Subject(text);
        if (isPublish)
        {
            _replies.FailSubject(subject, error);
        }
        else
        {
            foreach (var (sid, subscribed) in _subscribed)
            {
                if (subscribed.Subject != subject)
                {
                    continue;
                }

                lock (_subscribing)
                {
                    _subscribed.TryRemove(sid, out _);
                    _hasInbox &= sid != InboxSid;
                }

                subscribed.Sink.Failed(error);
            }
        }

        Report(error);
    }

    private sealed record Subscribed(string Subject, string? Queue, IFrameSink Sink);
}
