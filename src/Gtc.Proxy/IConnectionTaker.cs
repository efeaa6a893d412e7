namespace Gtc.Proxy;

/// <summary>
/// Serves the connections that the HTTP/1.1 data path cannot: those of clients that speak HTTP/2, and those whose request goes to a backend that does.
/// </summary>
public interface IConnectionTaker
{
    /// <summary>Takes a connection over. It is called on the threads that serve, so it must not wait.</summary>
    /// <param name="connection">The connection.</param>
    /// <returns>False when it takes none any more; the caller then closes it.</returns>
    bool TryTake(HandedConnection connection);

    /// <summary>Forgets a backend that the policy chooses no more; exchanges under way end as they would.</summary>
    void Forget(Backend backend);

    /// <summary>How many connections it serves.</summary>
    int Count { get; }

    /// <summary>Takes no more, lets what is under way end, and stops.</summary>
    /// <param name="grace">How long to wait; what is not over by then is cut.</param>
    /// <param name="cancellationToken">Cuts at once.</param>
    Task StopAsync(TimeSpan grace, CancellationToken cancellationToken);
}

/// <summary>A client's connection that changes hands.</summary>
public sealed record HandedConnection
{
    /// <summary>The connected socket; whoever takes it closes it.</summary>
    public required int Descriptor { get; init; }

    /// <summary>Who is at the other end.</summary>
    public required PeerAddress Peer { get; init; }

    /// <summary>What was read from it and belongs to whoever takes it.</summary>
    public required ReadOnlyMemory<byte> Received { get; init; }

    /// <summary>Whether the client speaks HTTP/2; else <see cref="Received"/> begins with a whole head of HTTP/1.1.</summary>
    public required bool IsHttp2 { get; init; }

    /// <summary>What the policy chose for that head; it is not asked again.</summary>
    public Choice? First { get; init; }

    /// <summary>Whether that head is as the backend is to get it: forwarding fields were added already.</summary>
    public bool IsPrepared { get; init; }
}
