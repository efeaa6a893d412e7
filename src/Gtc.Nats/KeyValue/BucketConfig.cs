namespace Gtc.Nats;

/// <summary>How a bucket keeps its keys.</summary>
public sealed record BucketConfig
{
    /// <summary>What streams of buckets begin with.</summary>
    internal const string StreamPrefix = "KV_";

    /// <summary>Its name: letters, digits, <c>_</c> and <c>-</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for.</summary>
    public string? Description { get; init; }

    /// <summary>How many values of a key are kept.</summary>
    public int History { get; init; } = 1;

    /// <summary>How long values are kept; zero for ever.</summary>
    public TimeSpan MaxAge { get; init; }

    /// <summary>The most bytes of all values; -1 for any number.</summary>
    public long MaxBytes { get; init; } = -1;

    /// <summary>The largest value with its headers, in bytes; -1 for what the server takes.</summary>
    public int MaxValueBytes { get; init; } = -1;

    /// <summary>Where values are kept.</summary>
    public StreamStorage Storage { get; init; }

    /// <summary>How many servers keep a copy.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>
    /// Whether keys can be purged. A client that may write one key of a bucket with roll-ups can erase all others:
    /// set it to false where writers are not trusted with the whole bucket.
    /// </summary>
    public bool AllowsRollUp { get; init; } = true;

    /// <summary>How long message ids are remembered; null for the server's own two minutes.</summary>
    public TimeSpan? DuplicateWindow { get; init; }

    /// <summary>Where values are published again, or null.</summary>
    public StreamRepublish? Republish { get; init; }

    /// <summary>The stream that is the bucket.</summary>
    public StreamConfig ToStream() => new()
    {
        Name = StreamPrefix + Name,
        Description = Description,
        Subjects = [$"$KV.{Name}.>"],
        MaxMsgsPerSubject = History,
        MaxBytes = MaxBytes,
        MaxAge = MaxAge,
        MaxMsgSize = MaxValueBytes,
        Storage = Storage,
        Discard = StreamDiscard.New,
        NumReplicas = Replicas,
        DuplicateWindow = DuplicateWindow,
        AllowRollupHdrs = AllowsRollUp,
        DenyDelete = true,
        AllowDirect = true,
        Republish = Republish,
    };
}
