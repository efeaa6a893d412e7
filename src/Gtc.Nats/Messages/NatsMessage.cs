using System.Text;

namespace Gtc.Nats;

/// <summary>A message that was received. It owns its bytes.</summary>
public sealed class NatsMessage
{
    private readonly byte[] _body;
    private readonly int _headerLength;
    private readonly NatsConnection _connection;
    private NatsHeaders? _headers;

    internal NatsMessage(in Frame frame, NatsConnection connection)
    {
        Subject = Encoding.UTF8.GetString(frame.Subject);
        ReplyTo = frame.ReplyTo.IsEmpty ? null : Encoding.UTF8.GetString(frame.ReplyTo);
        _body = frame.Body.ToArray();
        _headerLength = frame.HeaderLength;
        _connection = connection;
        Status = _headerLength == 0 ? 0 : NatsHeaders.ReadStatus(frame.Headers);
    }

    /// <summary>What it was published to.</summary>
    public string Subject { get; }

    /// <summary>Where the sender awaits an answer, or null.</summary>
    public string? ReplyTo { get; }

    /// <summary>The bytes of the message.</summary>
    public ReadOnlyMemory<byte> Payload => _body.AsMemory(_headerLength);

    /// <summary>Its headers, or null when there are none.</summary>
    public NatsHeaders? Headers => _headerLength == 0 ? null : _headers ??= NatsHeaders.Read(_body.AsSpan(0, _headerLength));

    /// <summary>The status that a server gave instead of an answer, e.g. 503; 0 on ordinary messages.</summary>
    public int Status { get; }

    /// <summary>What the server added to the status.</summary>
    internal string StatusText => NatsHeaders.ReadStatusText(_body.AsSpan(0, _headerLength));

    internal byte[] Body => _body;

    internal int HeaderLength => _headerLength;

    /// <summary>How many bytes it holds.</summary>
    internal int Size => _body.Length;

    /// <summary>Answers whoever asked. A message that awaits no answer is answered with <see cref="NatsErrorKind.Invalid"/>.</summary>
    public ValueTask<NatsResult> ReplyAsync(ReadOnlyMemory<byte> payload, NatsHeaders? headers, CancellationToken cancellationToken) =>
        ReplyTo is null
            ? ValueTask.FromResult<NatsResult>(new NatsError(NatsErrorKind.Invalid, $"the message on {Subject} awaits no answer"))
            : _connection.PublishAsync(ReplyTo, payload, headers, replyTo: null, cancellationToken);

    /// <summary>Answers whoever asked.</summary>
    public ValueTask<NatsResult> ReplyAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) => ReplyAsync(payload, headers: null, cancellationToken);
}
