namespace Gtc.Nats;

/// <summary>The server broke the protocol. Stays inside: the connection ends with an error of kind <see cref="NatsErrorKind.Protocol"/>.</summary>
internal sealed class NatsProtocolException : Exception
{
    public NatsProtocolException(string message)
        : base(message)
    {
    }
}
