namespace Gtc.Proxy;

/// <summary>Bounds and times of a proxy.</summary>
public sealed record ProxyOptions
{
    /// <summary>How many threads serve; each has its own connections.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>How long a client may take to send a whole head, counted from its first byte or from its connection.</summary>
    public TimeSpan HeaderTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a client's connection may be idle between requests.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(75);

    /// <summary>How long a connection to a backend may take to be made.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a request that reached nobody, or may be repeated, waits for a backend that takes it, before it is answered with 502.</summary>
    public TimeSpan HoldTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long an exchange may go without a byte in either direction.</summary>
    public TimeSpan UpstreamTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes per second that a request's body must come in with on average, counting only the time that it was waited for; slower ones are refused.</summary>
    public int MinBodyRate { get; init; } = 240;

    /// <summary>How long a request's body may be waited for in all before its rate counts.</summary>
    public TimeSpan BodyGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a tunnel, e.g. a WebSocket, may go without a byte in either direction.</summary>
    public TimeSpan TunnelTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long an unused connection to a backend is kept.</summary>
    public TimeSpan BackendIdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a finished connection is read from, so that the peer sees the answer before the reset (RFC 9112 §9.6).</summary>
    public TimeSpan LingerTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Connections of clients per thread; beyond it new ones wait in the listen queue.</summary>
    public int MaxConnections { get; init; } = 16 * 1024;

    /// <summary>Unused connections that are kept per backend and thread.</summary>
    public int MaxIdlePerBackend { get; init; } = 256;

    /// <summary>How many backends may have seen a request that ends without an answer, before it is given up.</summary>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>Failures in a row after which a backend is left alone.</summary>
    public int FailuresUntilEjected { get; init; } = 3;

    /// <summary>How long it is left alone the first time.</summary>
    public TimeSpan Ejection { get; init; } = TimeSpan.FromMilliseconds(500);
}
