using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Gtc.Nats;

/// <summary>Streams of a NATS server: messages that are kept, with a sequence. Made by <see cref="NatsConnection.JetStream(string?)"/>.</summary>
public sealed partial class JetStreamContext
{
    private readonly AckPool _acks = new();

    internal JetStreamContext(NatsConnection connection, string? domain)
    {
        Connection = connection;
        Api = domain is null ? "$JS.API" : $"$JS.{domain}.API";
    }

    /// <summary>The connection that it works on.</summary>
    public NatsConnection Connection { get; }

    /// <summary>What subjects of the API begin with.</summary>
    internal string Api { get; }

    /// <summary>Publishes to a stream and waits until the stream has taken the message. Any number may be under way at once.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="payload">The bytes; they are copied before the first wait.</param>
    /// <param name="options">Conditions and headers.</param>
    /// <param name="cancellationToken">Ends the wait; the message may be stored all the same.</param>
    /// <returns>
    /// The sequence, or why there is none. After <see cref="NatsErrorKind.ConnectionLost"/> and <see cref="NatsErrorKind.TimedOut"/> nobody knows whether it was
    /// stored: publish again with the same <see cref="PublishOptions.MessageId"/>, or with a condition.
    /// </returns>
    public ValueTask<NatsResult<PublishAck>> PublishAsync(string subject, ReadOnlyMemory<byte> payload, PublishOptions options, CancellationToken cancellationToken) =>
        Subject.Check(subject) is { } error ? ValueTask.FromResult<NatsResult<PublishAck>>(error) : PublishAsync(subject, "", payload, options, cancellationToken);

    /// <summary>Publishes many messages without waiting for each: acknowledgements are told to a callback as they come.</summary>
    /// <param name="window">How many may be under way.</param>
    /// <param name="acknowledged">Told of each, with the tag that it was published with. Runs on the connection's reading loop: it must be quick and must not wait.</param>
    public PublishPipeline OpenPipeline(int window, Action<long, NatsResult<PublishAck>> acknowledged) => new(this, window, acknowledged);

    internal ValueTask<NatsResult<PublishAck>> PublishAsync(string first, string second, ReadOnlyMemory<byte> payload, in PublishOptions options, CancellationToken cancellationToken)
    {
        if (options.Check() is { } invalid)
        {
            return ValueTask.FromResult<NatsResult<PublishAck>>(invalid);
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<NatsResult<PublishAck>>(cancellationToken);
        }

        return Connection.IsFull
            ? PublishWhenDrainedAsync(first, second, payload, options, cancellationToken)
            : Publish(first, second, payload.Span, options, cancellationToken);
    }

    /// <summary>Calls the API.</summary>
    internal async Task<NatsResult<TReply>> CallAsync<TReply>(string subject, ReadOnlyMemory<byte> body, JsonTypeInfo<TReply> type, CancellationToken cancellationToken)
        where TReply : ApiReply
    {
        if (!(await Connection.RequestAsync($"{Api}.{subject}", body, cancellationToken)).TryGet(out var message, out var error))
        {
            return error.Kind == NatsErrorKind.NoResponders ? new NatsError(NatsErrorKind.JetStreamOff, "JetStream is not on, for this server or this account") : error;
        }

        try
        {
            var reply = JsonSerializer.Deserialize(message.Payload.Span, type);
            return reply is null ? new NatsError(NatsErrorKind.Protocol, "the API answered null") : reply.Error is { } refused ? refused.ToError() : reply;
        }
        catch (JsonException malformed)
        {
            return new NatsError(NatsErrorKind.Protocol, $"the API's answer is not readable JSON: {malformed.Message}");
        }
    }

    private ValueTask<NatsResult<PublishAck>> Publish(string first, string second, ReadOnlySpan<byte> payload, in PublishOptions options, CancellationToken cancellationToken)
    {
        var ack = _acks.Rent();
        if (Connection.Ask(first, second, options, payload, ack, Connection.Options.RequestTimeout, cancellationToken) is not { } error)
        {
            return ack.Task;
        }

        // It was not sent, and may have been watching the token already.
        ack.Fail(error);
        return ack.Task;
    }

    private async ValueTask<NatsResult<PublishAck>> PublishWhenDrainedAsync(
        string first, string second, ReadOnlyMemory<byte> payload, PublishOptions options, CancellationToken cancellationToken)
    {
        while (Connection.IsFull)
        {
            await Connection.WhenDrainedAsync(cancellationToken);
        }

        return await Publish(first, second, payload.Span, options, cancellationToken);
    }
}
