namespace Gtc.Nats;

/// <summary>Where a connection stands.</summary>
public enum NatsState
{
    /// <summary>No server is connected; it is being tried.</summary>
    Connecting,

    /// <summary>A server is connected.</summary>
    Connected,

    /// <summary>It was closed here.</summary>
    Closed,
}

/// <summary>Where a connection stands, and why.</summary>
/// <param name="State">The state.</param>
/// <param name="Server">The server that is, or was last, connected or tried, <c>host:port</c>.</param>
/// <param name="Error">What went wrong last while not connected, or what a connected server refused (permissions); null otherwise.</param>
/// <param name="Connects">How many times a connection was made; a new number means that messages may have been missed.</param>
public sealed record NatsStatus(NatsState State, string Server, NatsError? Error, int Connects);
