using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Gtc.Nats;

/// <summary>Messages of one subject, or of all that a wildcard takes in, until it is disposed of. It outlives connections: it is made again on each new one.</summary>
public sealed class NatsSubscription : IFrameSink, IAsyncDisposable
{
    private readonly NatsConnection _connection;
    private readonly SubscriptionOptions _options;
    private readonly Channel<NatsMessage> _queue;
    private long _bytes;
    private long _dropped;
    private bool _isDropping;

    internal NatsSubscription(NatsConnection connection, string subject, SubscriptionOptions options)
    {
        _connection = connection;
        _options = options;
        Subject = subject;
        _queue = Channel.CreateBounded<NatsMessage>(new BoundedChannelOptions(options.Capacity) { SingleWriter = true });
    }

    /// <summary>What was subscribed.</summary>
    public string Subject { get; }

    /// <summary>Why no message will come any more, or null while it stands.</summary>
    public NatsError? Error { get; private set; }

    /// <summary>How many messages were left out because they were read too slowly.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    internal ulong Sid { get; set; }

    /// <summary>All messages as they come. It ends when the subscription does; <see cref="Error"/> says why.</summary>
    public async IAsyncEnumerable<NatsMessage> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await _queue.Reader.WaitToReadAsync(cancellationToken))
        {
            while (TryRead(out var message))
            {
                yield return message;
            }
        }
    }

    /// <summary>The next message.</summary>
    /// <returns>Null when the subscription has ended; <see cref="Error"/> says why.</returns>
    public async ValueTask<NatsMessage?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryRead(out var message))
            {
                return message;
            }

            if (!await _queue.Reader.WaitToReadAsync(cancellationToken))
            {
                return null;
            }
        }
    }

    /// <summary>The next message if one is there.</summary>
    public bool TryRead([MaybeNullWhen(false)] out NatsMessage message)
    {
        if (!_queue.Reader.TryRead(out message))
        {
            return false;
        }

        Interlocked.Add(ref _bytes, -message.Size);
        return true;
    }

    /// <summary>Ends the subscription; what waits in the queue can still be read.</summary>
    public ValueTask DisposeAsync()
    {
        _connection.Unsubscribe(Sid);
        End(NatsError.Closed);
        return ValueTask.CompletedTask;
    }

    void IFrameSink.Received(in Frame frame)
    {
        var message = new NatsMessage(frame, _connection);
        while (Volatile.Read(ref _bytes) + message.Size > _options.MaxBytes || !_queue.Writer.TryWrite(message))
        {
            Interlocked.Increment(ref _dropped);
            Complain();
            if (_options.WhenFull != WhenFull.DropOldest || !TryRead(out _))
            {
                return;
            }
        }

        Interlocked.Add(ref _bytes, message.Size);
        _isDropping = _isDropping && _queue.Reader.Count > _options.Capacity / 2;
    }

    void IFrameSink.Failed(NatsError error) => End(error);

    void IFrameSink.Reconnected()
    {
        // Whoever has to know follows the connection's status.
    }

    private void Complain()
    {
        if (_isDropping)
        {
            return;
        }

        _isDropping = true;
        var error = new NatsError(NatsErrorKind.SlowConsumer, $"messages of {Subject} come faster than they are read: more than {_options.Capacity:N0} messages or {_options.MaxBytes:N0} bytes wait");
        _connection.Report(error);
        if (_options.WhenFull == WhenFull.End)
        {
            _connection.Unsubscribe(Sid);
            End(error);
        }
    }

    private void End(NatsError error)
    {
        Error ??= error;
        _queue.Writer.TryComplete();
    }
}
