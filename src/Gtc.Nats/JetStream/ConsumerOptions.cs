namespace Gtc.Nats;

/// <summary>What a reader of a stream gets.</summary>
public sealed record ConsumerOptions
{
    /// <summary>The subjects; null for all.</summary>
    public string? Filter { get; init; }

    /// <summary>Where it begins.</summary>
    public DeliverFrom From { get; init; } = DeliverFrom.All;

    /// <summary>Leaves the payload out.</summary>
    public bool HeadersOnly { get; init; }

    /// <summary>How often the server gives a sign of life when there is no message; without one for twice as long, the reader is made anew.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many messages wait at most to be read here. Before that, the server is slowed down.</summary>
    public int Capacity { get; init; } = 512 * 1024;

    /// <summary>
    /// Whether the stream is looked at before and after interruptions, so that one that was made anew is not taken for a quiet one.
    /// A user that may not look at streams reads without.
    /// </summary>
    public bool ChecksStream { get; init; } = true;
}
