using System.Globalization;
using System.Text;

namespace Gtc.Nats;

/// <summary>A message of a stream. It owns its bytes.</summary>
public sealed class StreamMessage
{
    private readonly byte[] _body;
    private readonly int _headerLength;
    private NatsHeaders? _headers;

    internal StreamMessage(in Frame frame, in DeliveryFacts facts)
    {
        Subject = Encoding.UTF8.GetString(frame.Subject);
        _body = frame.Body.ToArray();
        _headerLength = frame.HeaderLength;
        Sequence = facts.StreamSequence;
        Pending = facts.Pending;
        Time = facts.Time;
    }

    private StreamMessage(NatsMessage message, string subject, ulong sequence, DateTimeOffset time)
    {
        _body = message.Body;
        _headerLength = message.HeaderLength;
        _headers = message.Headers;
        Subject = subject;
        Sequence = sequence;
        Time = time;
    }

    /// <summary>What it was published to.</summary>
    public string Subject { get; }

    /// <summary>Its sequence in the stream.</summary>
    public ulong Sequence { get; }

    /// <summary>When the server stored it.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>How many messages the consumer has yet to deliver after this one, when this one was sent; 0 from a direct get.</summary>
    public ulong Pending { get; }

    /// <summary>The bytes of the message.</summary>
    public ReadOnlyMemory<byte> Payload => _body.AsMemory(_headerLength);

    /// <summary>Its headers, or null when there are none.</summary>
    public NatsHeaders? Headers => _headerLength == 0 ? null : _headers ??= NatsHeaders.Read(_body.AsSpan(0, _headerLength));

    /// <summary>Reads the answer to a direct get: the facts are headers, beside those that were stored.</summary>
    internal static NatsResult<StreamMessage> FromDirectGet(NatsMessage message)
    {
        if (message.Status is not 0)
        {
            return message.Status == 404
                ? new NatsError(NatsErrorKind.NotFound, "there is no such message", JetStreamErrors.NoMessageFound)
                : new NatsError(NatsErrorKind.Refused, $"the stream answered {message.Status} {message.StatusText}");
        }

        return message.Headers is { } headers
            && headers["Nats-Subject"] is { } subject
            && ulong.TryParse(headers["Nats-Sequence"], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            && DateTimeOffset.TryParse(headers["Nats-Time-Stamp"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? new StreamMessage(message, subject, sequence, time)
                : new NatsError(NatsErrorKind.Protocol, "what answered a direct get is no stream");
    }
}
