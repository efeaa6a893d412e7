namespace Gtc.Nats;

/// <summary>What happens when messages come faster than they are read and the queue is full.</summary>
public enum WhenFull
{
    /// <summary>The oldest message in the queue gives way.</summary>
    DropOldest,

    /// <summary>The message that came is left out.</summary>
    DropNewest,

    /// <summary>The subscription ends with <see cref="NatsErrorKind.SlowConsumer"/>.</summary>
    End,
}

/// <summary>How a subscription is made.</summary>
public sealed record SubscriptionOptions
{
    /// <summary>The queue group, of whose members one gets each message; null for none.</summary>
    public string? Queue { get; init; }

    /// <summary>How many messages wait at most to be read.</summary>
    public int Capacity { get; init; } = 65_536;

    /// <summary>How many bytes wait at most to be read.</summary>
    public long MaxBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>What happens beyond that.</summary>
    public WhenFull WhenFull { get; init; }
}
