namespace Gtc.Nats;

/// <summary>The body that makes a consumer.</summary>
internal sealed record ConsumerRequest
{
    public required string StreamName { get; init; }

    public required ConsumerConfig Config { get; init; }
}

/// <summary>How a consumer is set.</summary>
internal sealed record ConsumerConfig
{
    public string? Name { get; init; }

    public string? DeliverSubject { get; init; }

    public string DeliverPolicy { get; init; } = "all";

    public ulong? OptStartSeq { get; init; }

    public string AckPolicy { get; init; } = "none";

    public int MaxDeliver { get; init; } = 1;

    public string? FilterSubject { get; init; }

    public string ReplayPolicy { get; init; } = "instant";

    public bool FlowControl { get; init; }

    public TimeSpan? IdleHeartbeat { get; init; }

    public TimeSpan? InactiveThreshold { get; init; }

    public bool HeadersOnly { get; init; }

    public int NumReplicas { get; init; } = 1;

    public bool MemStorage { get; init; } = true;
}

internal sealed record ConsumerReply : ApiReply
{
    public string? Name { get; init; }

    public ConsumerConfig? Config { get; init; }

    public DeliveredState? Delivered { get; init; }

    public ulong NumPending { get; init; }
}

internal sealed record DeliveredState
{
    public ulong StreamSeq { get; init; }
}
