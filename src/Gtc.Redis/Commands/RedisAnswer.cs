namespace Gtc.Redis;

/// <summary>Why a call has no reply.</summary>
public enum RedisFailure
{
    /// <summary>It has one.</summary>
    None,

    /// <summary>There is no connection at the moment; nothing was sent.</summary>
    NotConnected,

    /// <summary>Too much waits already; nothing was sent.</summary>
    Busy,

    /// <summary>No reply came in time. The server may still do it.</summary>
    TimedOut,

    /// <summary>The connection ended before the reply. The server may have done it.</summary>
    Lost,

    /// <summary>The server answered with an error.</summary>
    Refused,
}

/// <summary>A reply, or why there is none.</summary>
/// <param name="Reply">The reply; null of a failure.</param>
/// <param name="Failure">Why there is none.</param>
/// <param name="Reason">The failure in words; null of a reply.</param>
public readonly record struct RedisAnswer(RedisReply? Reply, RedisFailure Failure, string? Reason)
{
    /// <summary>Whether the server did what it was asked for.</summary>
    public bool IsDone => Failure == RedisFailure.None;

    /// <summary>A reply; the error that it may be is a failure.</summary>
    internal static RedisAnswer Of(RedisReply reply) => reply.Kind == RedisKind.Error
        ? new(null, RedisFailure.Refused, reply.Text)
        : new(reply, RedisFailure.None, null);

    /// <summary>No reply.</summary>
    internal static RedisAnswer Failed(RedisFailure failure, string reason) => new(null, failure, reason);
}
