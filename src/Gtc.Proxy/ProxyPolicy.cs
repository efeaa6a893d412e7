namespace Gtc.Proxy;

/// <summary>
/// Decides where requests go. It is asked on the threads that serve, so it must not wait; several threads may ask at once.
/// </summary>
public abstract class ProxyPolicy
{
    /// <summary>Decides. Sets a backend, or a reply of the proxy's own.</summary>
    /// <param name="request">The request.</param>
    /// <param name="choice">The decision; on a further attempt it says which backend failed.</param>
    public abstract void Choose(in RequestView request, ref Choice choice);

    /// <summary>An exchange is over. Called once for each one that a backend was chosen for.</summary>
    /// <param name="report">What became of it.</param>
    public virtual void Ended(in ExchangeReport report)
    {
    }

    /// <summary>
    /// Handling a connection threw, here or in this policy. That connection was cut, all others go on. It is a bug that somebody should hear of.
    /// </summary>
    /// <param name="fault">What was thrown.</param>
    public virtual void Faulted(Exception fault)
    {
    }

    /// <summary>Whether a peer's forwarding fields (X-Forwarded-For and the like) are believed and kept.</summary>
    /// <param name="peer">The peer.</param>
    public virtual bool Trusts(PeerAddress peer) => false;
}

/// <summary>A decision.</summary>
public struct Choice
{
    /// <summary>Where the request goes; null for a reply of the proxy's own.</summary>
    public Backend? Backend { get; set; }

    /// <summary>Whole field lines, each with its CRLF, that the response is given beside the backend's.</summary>
    public ReadOnlyMemory<byte> ResponseFields { get; set; }

    /// <summary>The status of a reply of the proxy's own.</summary>
    public int Status { get; set; }

    /// <summary>The body of a reply of the proxy's own.</summary>
    public ReadOnlyMemory<byte> Text { get; set; }

    /// <summary>The media type of that body; nothing for plain text in UTF-8.</summary>
    public ReadOnlyMemory<byte> ContentType { get; set; }

    /// <summary>What the policy wants to find again in <see cref="ExchangeReport.State"/>, and on a further attempt here.</summary>
    public object? State { get; set; }

    /// <summary>The backend that failed in the attempt before, or null on the first one.</summary>
    public Backend? Failed { get; internal set; }

    /// <summary>Replies in place of a backend.</summary>
    /// <param name="status">The status.</param>
    /// <param name="text">The text, UTF-8.</param>
    public void Reply(int status, ReadOnlyMemory<byte> text)
    {
        Backend = null;
        Status = status;
        Text = text;
    }
}

/// <summary>What became of an exchange.</summary>
public readonly record struct ExchangeReport
{
    /// <summary>Who was asked last.</summary>
    public required Backend Backend { get; init; }

    /// <summary>What the policy left in <see cref="Choice.State"/>.</summary>
    public required object? State { get; init; }

    /// <summary>The status that the client was sent; 0 when none was.</summary>
    public required int Status { get; init; }

    /// <summary>Whether the answer, or the tunnel, was delivered to its end.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>From the whole head to the end, in <see cref="System.Diagnostics.Stopwatch"/> ticks.</summary>
    public required long Elapsed { get; init; }

    /// <summary>Body bytes from the client, as framed.</summary>
    public required long BytesIn { get; init; }

    /// <summary>Body bytes to the client, as framed.</summary>
    public required long BytesOut { get; init; }
}
