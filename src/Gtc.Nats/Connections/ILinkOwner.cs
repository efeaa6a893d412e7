namespace Gtc.Nats;

/// <summary>Who takes what a link reads. Called on the reading loop: it must not wait.</summary>
internal interface ILinkOwner
{
    /// <summary>A message came.</summary>
    void Received(in Frame frame);

    /// <summary>The server told of itself, or of its cluster, anew.</summary>
    void Greeted(Link link);

    /// <summary>The server said -ERR.</summary>
    void Refused(Link link, string text);
}
