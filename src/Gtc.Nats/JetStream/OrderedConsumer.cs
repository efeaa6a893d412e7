using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Gtc.Nats;

/// <summary>
/// Reads a stream in order and without gaps, through lost messages, connections and servers: what is missing is asked for again from where the reader stands.
/// One reader at a time.
/// </summary>
public sealed class OrderedConsumer : IAsyncDisposable
{
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(5);

    /// <summary>A consumer that nobody listens to goes away on its own.</summary>
    private static readonly TimeSpan InactiveThreshold = TimeSpan.FromSeconds(30);

    private readonly JetStreamContext _streams;
    private readonly string _stream;
    private readonly ConsumerOptions _options;
    private Delivery _delivery;
    private DateTimeOffset? _created;
    private bool _isDisposed;

    private OrderedConsumer(JetStreamContext streams, string stream, ConsumerOptions options, Delivery delivery)
    {
        _streams = streams;
        _stream = stream;
        _options = options;
        _delivery = delivery;
    }

    /// <summary>How many messages were there to be delivered when it was opened.</summary>
    public ulong InitialPending { get; private set; }

    /// <summary>The sequence of the last message that was read, or of the one before the first.</summary>
    public ulong LastSequence { get; private set; }

    /// <summary>How many times it was made anew because something was missing.</summary>
    public int Restarts { get; private set; }

    /// <summary>Why there are no more messages, or null while there may be.</summary>
    public NatsError? Error { get; private set; }

    /// <summary>All messages as they come. It ends only when there will be no more: <see cref="Error"/> says why.</summary>
    public async IAsyncEnumerable<StreamMessage> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await ReadAsync(cancellationToken) is { } message)
        {
            yield return message;
        }
    }

    /// <summary>The next message.</summary>
    /// <returns>Null when there will be no more; <see cref="Error"/> says why.</returns>
    public async ValueTask<StreamMessage?> ReadAsync(CancellationToken cancellationToken)
    {
        while (Error is null)
        {
            while (_delivery.Queue.TryRead(out var item))
            {
                if (item.Message is { } message)
                {
                    LastSequence = message.Sequence;
                    return message;
                }

                // Without a connection the reader is made anew anyway.
                _ = await _streams.Connection.PublishAsync(item.FlowReply!, default, cancellationToken);
            }

            if (await _delivery.Queue.WaitToReadAsync(cancellationToken))
            {
                continue;
            }

            Error = _isDisposed ? NatsError.Closed : _delivery.Error ?? await RestartAsync(cancellationToken);
        }

        return null;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _isDisposed = true;
        _delivery.Dispose();
        return ValueTask.CompletedTask;
    }

    internal static async Task<NatsResult<OrderedConsumer>> OpenAsync(JetStreamContext streams, string stream, ConsumerOptions options, CancellationToken cancellationToken)
    {
        if (Check(stream, options) is { } invalid)
        {
            return invalid;
        }

        var consumer = new OrderedConsumer(streams, stream, options, new Delivery(streams.Connection, options));
        var error = await consumer.LookAsync(cancellationToken);
        if (error is null && (await consumer.CreateAsync(options.From, cancellationToken)).TryGet(out var reply, out error))
        {
            consumer.InitialPending = reply.NumPending;
            consumer.LastSequence = options.From == DeliverFrom.New ? reply.Delivered?.StreamSeq ?? 0 : (options.From.StartSequence ?? 1) - 1;
            return consumer;
        }

        await consumer.DisposeAsync();
        return error!;
    }

    private static NatsError? Check(string stream, ConsumerOptions options)
    {
        if (KeyRules.CheckStream(stream) is { } invalid || (options.Filter is not null && (invalid = Subject.Check(options.Filter)) is not null))
        {
            return invalid;
        }

        // nats-server 2.9 may report nothing for a literal filter although the subject has a message.
        return options.From == DeliverFrom.LastPerSubject && (options.Filter is null || KeyRules.IsLiteral(options.Filter))
            ? new(NatsErrorKind.Invalid, "reading the last message per subject needs a filter with a wildcard; one subject is read by a direct get")
            : null;
    }

    private static bool IsPassing(NatsError error) =>
        error.Kind is NatsErrorKind.NotConnected or NatsErrorKind.ConnectionLost or NatsErrorKind.TimedOut or NatsErrorKind.Unavailable or NatsErrorKind.JetStreamOff;

    /// <summary>Makes the consumer anew behind what was read.</summary>
    /// <returns>Null, or why that will never do.</returns>
    private async Task<NatsError?> RestartAsync(CancellationToken cancellationToken)
    {
        for (var wait = TimeSpan.FromMilliseconds(50); ; wait = wait * 2 < LongestBackoff ? wait * 2 : LongestBackoff)
        {
            _delivery.Dispose();
            if (await _streams.Connection.WaitUntilConnectedAsync(cancellationToken) is { Error: { } closed })
            {
                return closed;
            }

            _delivery = new Delivery(_streams.Connection, _options);
            var from = LastSequence > 0 || _options.From == DeliverFrom.New ? DeliverFrom.Sequence(LastSequence + 1) : _options.From;
            if ((await LookAsync(cancellationToken) ?? (await CreateAsync(from, cancellationToken)).Error) is not { } error)
            {
                Restarts++;
                return null;
            }

            if (_isDisposed || !IsPassing(error))
            {
                _delivery.Dispose();
                return error;
            }

            await Task.Delay(wait * _streams.Connection.Options.Jitter(), _streams.Connection.Time, cancellationToken);
        }
    }

    /// <summary>Sees that the stream is still the one that was read.</summary>
    private async Task<NatsError?> LookAsync(CancellationToken cancellationToken)
    {
        if (!_options.ChecksStream)
        {
            return null;
        }

        if (!(await _streams.StreamAsync(_stream, cancellationToken)).TryGet(out var stream, out var error))
        {
            return error.Kind == NatsErrorKind.PermissionDenied ? null : error;
        }

        if ((_created is not null && _created != stream.Created) || stream.State.LastSequence < LastSequence)
        {
            return new(
                NatsErrorKind.StreamReplaced,
                $"{_stream} is not the stream that was read: it was made {stream.Created:O} and ends at {stream.State.LastSequence}, this reader stands at {LastSequence}");
        }

        _created = stream.Created;
        return null;
    }

    private async Task<NatsResult<ConsumerReply>> CreateAsync(DeliverFrom from, CancellationToken cancellationToken)
    {
        var config = new ConsumerConfig
        {
            Name = _delivery.Name,
            DeliverSubject = _delivery.Inbox,
            DeliverPolicy = from.Policy,
            OptStartSeq = from.StartSequence,
            FilterSubject = _options.Filter,
            FlowControl = true,
            IdleHeartbeat = _options.Heartbeat,
            InactiveThreshold = InactiveThreshold,
            HeadersOnly = _options.HeadersOnly,
        };
        var subject = $"CONSUMER.CREATE.{_stream}.{_delivery.Name}{(_options.Filter is null ? "" : $".{_options.Filter}")}";
        var body = JsonSerializer.SerializeToUtf8Bytes(new ConsumerRequest { StreamName = _stream, Config = config }, JetStreamJson.Default.ConsumerRequest);
        var created = await _streams.CallAsync(subject, body, JetStreamJson.Default.ConsumerReply, cancellationToken);

        // A server that does not know a member leaves it out, and an unfiltered reader would be taken for a filtered one.
        return created.TryGet(out var reply, out _) && reply.Config?.FilterSubject != _options.Filter
            ? new NatsError(NatsErrorKind.Protocol, $"the server made a consumer for `{reply.Config?.FilterSubject}`, not for `{_options.Filter}`")
            : created;
    }
}
