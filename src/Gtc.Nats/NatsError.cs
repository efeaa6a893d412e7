namespace Gtc.Nats;

/// <summary>What kind of failure it was. Decide on this, never on the text.</summary>
public enum NatsErrorKind
{
    /// <summary>A subject, key, name, header or size breaks a rule; nothing was sent.</summary>
    Invalid,

    /// <summary>There is no connection at the moment; nothing was sent.</summary>
    NotConnected,

    /// <summary>The connection ended before the answer came: whether the broker acted is unknown.</summary>
    ConnectionLost,

    /// <summary>No answer in time: whether the broker acted is unknown.</summary>
    TimedOut,

    /// <summary>Nobody listens on the subject (status 503). For a publish to a stream: no stream takes the subject.</summary>
    NoResponders,

    /// <summary>The broker refused the credentials.</summary>
    Unauthorized,

    /// <summary>The broker does not allow this user that subject.</summary>
    PermissionDenied,

    /// <summary>The key, message, stream or consumer is not there.</summary>
    NotFound,

    /// <summary>The key or stream is there already.</summary>
    AlreadyExists,

    /// <summary>Somebody else wrote in between (10071, 10164); <see cref="NatsError.LastSequence"/> has the actual sequence.</summary>
    WrongLastSequence,

    /// <summary>The stream does not take roll-ups (10111).</summary>
    RollUpRefused,

    /// <summary>The message is larger than the broker or the stream takes (10054).</summary>
    TooLarge,

    /// <summary>JetStream is off, for the server or the account (10039, 10076).</summary>
    JetStreamOff,

    /// <summary>The broker cannot do it at present (10008, 10009, 10023, 10047): trying again may help.</summary>
    Unavailable,

    /// <summary>The stream was deleted, emptied or made anew while it was read: a sequence of before means nothing any more.</summary>
    StreamReplaced,

    /// <summary>A subscriber read too slowly and its queue was full.</summary>
    SlowConsumer,

    /// <summary>The server speaks something else than the protocol, or more than is taken.</summary>
    Protocol,

    /// <summary>The broker refused for another reason; <see cref="NatsError.Code"/> says which.</summary>
    Refused,

    /// <summary>The connection was closed here.</summary>
    Closed,
}

/// <summary>Why something came to nothing.</summary>
/// <param name="Kind">The kind of failure.</param>
/// <param name="Message">What was attempted, expected and found; one line, never a secret.</param>
/// <param name="Code">JetStream's <c>err_code</c>, or 0.</param>
public sealed record NatsError(NatsErrorKind Kind, string Message, int Code = 0)
{
    /// <summary>With <see cref="NatsErrorKind.WrongLastSequence"/>: the sequence that the broker found, when it said so.</summary>
    public ulong? LastSequence { get; init; }

    internal static NatsError NotConnected { get; } = new(NatsErrorKind.NotConnected, "there is no connection to the broker at the moment");

    internal static NatsError Closed { get; } = new(NatsErrorKind.Closed, "the connection was closed here");

    internal static NatsError TimedOut { get; } = new(NatsErrorKind.TimedOut, "no answer came in time");

    internal static NatsError NoResponders { get; } = new(NatsErrorKind.NoResponders, "nobody listens on the subject");

    /// <inheritdoc/>
    public override string ToString() => Code == 0 ? $"{Kind}: {Message}" : $"{Kind} ({Code}): {Message}";
}
