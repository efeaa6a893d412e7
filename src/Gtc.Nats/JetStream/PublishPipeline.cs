namespace Gtc.Nats;

/// <summary>
/// Publishes many messages to streams without waiting for each. At most a window of them is under way; a publisher that is ahead waits. Every message
/// that was taken (the publish answered done) is told of exactly once.
/// </summary>
public sealed class PublishPipeline
{
    private readonly JetStreamContext _streams;
    private readonly int _window;
    private readonly Action<long, NatsResult<PublishAck>> _acknowledged;
    private readonly Lock _gate = new();
    private readonly Stack<InFlightAck> _free = new();
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _idle;
    private int _inFlight;

    internal PublishPipeline(JetStreamContext streams, int window, Action<long, NatsResult<PublishAck>> acknowledged)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        _streams = streams;
        _window = window;
        _acknowledged = acknowledged;
    }

    /// <summary>How many messages wait for their acknowledgement.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Sends a message; waits only when the window is full, or too much waits to be sent.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="payload">The bytes; they are copied before the first wait.</param>
    /// <param name="options">Conditions and headers.</param>
    /// <param name="tag">What the acknowledgement is told with.</param>
    /// <param name="cancellationToken">Ends the wait for room.</param>
    /// <returns>Done: the callback will be told of it. An error: nothing was sent, and it will not.</returns>
    public ValueTask<NatsResult> PublishAsync(string subject, ReadOnlyMemory<byte> payload, PublishOptions options, long tag, CancellationToken cancellationToken) =>
        Subject.Check(subject) is { } error ? ValueTask.FromResult<NatsResult>(error) : PublishAsync(subject, "", payload, options, tag, cancellationToken);

    /// <summary>Waits until nothing is under way.</summary>
    public Task DrainAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_inFlight == 0)
            {
                return Task.CompletedTask;
            }

            _idle ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task.WaitAsync(cancellationToken);
        }
    }

    internal ValueTask<NatsResult> PublishAsync(string first, string second, ReadOnlyMemory<byte> payload, in PublishOptions options, long tag, CancellationToken cancellationToken)
    {
        if (options.Check() is { } invalid)
        {
            return ValueTask.FromResult<NatsResult>(invalid);
        }

        return _streams.Connection.IsFull || !TryEnter(tag, out var ack)
            ? PublishWhenRoomAsync(first, second, payload, options, tag, cancellationToken)
            : ValueTask.FromResult(Publish(first, second, payload.Span, options, ack));
    }

    private async ValueTask<NatsResult> PublishWhenRoomAsync(
        string first, string second, ReadOnlyMemory<byte> payload, PublishOptions options, long tag, CancellationToken cancellationToken)
    {
        while (true)
        {
            await _streams.Connection.WhenDrainedAsync(cancellationToken);
            if (TryEnter(tag, out var ack))
            {
                return Publish(first, second, payload.Span, options, ack);
            }

            await WhenRoomAsync(cancellationToken);
        }
    }

    private NatsResult Publish(string first, string second, ReadOnlySpan<byte> payload, in PublishOptions options, InFlightAck ack)
    {
        var error = _streams.Connection.Ask(first, second, options, payload, ack, _streams.Connection.Options.RequestTimeout, CancellationToken.None);
        if (error is null)
        {
            return NatsResult.Done;
        }

        Leave(ack);
        return error;
    }

    private Task WhenRoomAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_inFlight < _window)
            {
                return Task.CompletedTask;
            }

            _room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task.WaitAsync(cancellationToken);
        }
    }

    private bool TryEnter(long tag, out InFlightAck ack)
    {
        lock (_gate)
        {
            if (_inFlight >= _window)
            {
                ack = null!;
                return false;
            }

            _inFlight++;
            ack = _free.TryPop(out var free) ? free : new(this);
        }

        ack.Tag = tag;
        return true;
    }

    private void Ended(InFlightAck ack, NatsResult<PublishAck> result)
    {
        // Told before there is room and before a drain ends: whoever waits for these sees all that was told.
        _acknowledged(ack.Tag, result);
        Leave(ack);
    }

    private void Leave(InFlightAck ack)
    {
        lock (_gate)
        {
            _free.Push(ack);
            _inFlight--;

            // Woken when half is free: waking for each would cost more than the publish.
            if (_room is not null && _inFlight <= _window / 2)
            {
                _room.TrySetResult();
                _room = null;
            }

            if (_idle is not null && _inFlight == 0)
            {
                _idle.TrySetResult();
                _idle = null;
            }
        }
    }

    private sealed class InFlightAck(PublishPipeline pipeline) : PendingReply
    {
        public long Tag { get; set; }

        public override void Answer(in Frame frame) => pipeline.Ended(this, PublishAck.Read(frame));

        public override void Fail(NatsError error) => pipeline.Ended(this, error);

        protected override void Cancel() => pipeline.Ended(this, NatsError.Closed);
    }
}
