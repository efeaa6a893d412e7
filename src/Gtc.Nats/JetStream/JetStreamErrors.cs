using System.Globalization;

namespace Gtc.Nats;

/// <summary>JetStream's error codes that a caller decides on.</summary>
public static class JetStreamErrors
{
    /// <summary>The consumer is not there.</summary>
    public const int ConsumerNotFound = 10014;

    /// <summary>The message is not there.</summary>
    public const int NoMessageFound = 10037;

    /// <summary>A stream of that name exists with another configuration.</summary>
    public const int StreamNameExists = 10058;

    /// <summary>The stream is not there.</summary>
    public const int StreamNotFound = 10059;

    /// <summary>Somebody wrote in between.</summary>
    public const int WrongLastSequence = 10071;

    /// <summary>The deliver policy does not fit, e.g. last per subject without a filter.</summary>
    public const int InvalidDeliverPolicy = 10094;

    /// <summary>The stream takes no roll-ups.</summary>
    public const int RollUpRefused = 10111;

    /// <summary>The filter in the subject differs from that in the body.</summary>
    public const int FilterMismatch = 10131;

    internal static NatsErrorKind KindOf(int code, int status) => code switch
    {
        ConsumerNotFound or NoMessageFound or StreamNotFound => NatsErrorKind.NotFound,
        10039 or 10076 => NatsErrorKind.JetStreamOff,
        StreamNameExists => NatsErrorKind.AlreadyExists,

        // Newer servers give 10164 where 2.9 gives 10071.
        WrongLastSequence or 10164 => NatsErrorKind.WrongLastSequence,
        10008 or 10009 or 10023 or 10047 => NatsErrorKind.Unavailable,
        10054 => NatsErrorKind.TooLarge,
        RollUpRefused => NatsErrorKind.RollUpRefused,
        _ => status == 503 ? NatsErrorKind.Unavailable : NatsErrorKind.Refused,
    };

    /// <summary>The number at the end of <c>wrong last sequence: 5</c>.</summary>
    internal static ulong? LastSequence(string description) =>
        ulong.TryParse(description.AsSpan(description.LastIndexOf(' ') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) ? sequence : null;
}
