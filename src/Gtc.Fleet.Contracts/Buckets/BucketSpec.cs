namespace Gtc.Fleet.Contracts;

/// <summary>Where a bucket's messages are kept.</summary>
public enum BucketStorage
{
    /// <summary>On disk.</summary>
    File,

    /// <summary>In the broker's memory: gone after a restart of an unclustered broker.</summary>
    Memory,
}

/// <summary>
/// How a bucket has to be, as plain values: whoever speaks with the broker turns it into a stream. Streams keep one message per subject, take no more
/// when full (<c>discard: new</c>), refuse to have messages deleted one by one, and answer direct gets.
/// </summary>
public sealed record BucketSpec
{
    /// <summary>The bucket's name.</summary>
    public required string Name { get; init; }

    /// <summary>What it holds, one line.</summary>
    public required string Purpose { get; init; }

    /// <summary>Where it is kept.</summary>
    public BucketStorage Storage { get; init; }

    /// <summary>How many values of a key are kept (<c>max_msgs_per_subject</c>).</summary>
    public int History { get; init; } = 1;

    /// <summary>How long values live; zero for ever. No bucket that feeds counters has an age, since an expired value leaves no marker.</summary>
    public TimeSpan MaxAge { get; init; }

    /// <summary>How many bytes fit. The broker sets this much aside, and refuses to make a bucket that it has no room for.</summary>
    public required long MaxBytes { get; init; }

    /// <summary>How many bytes one value with its headers may have.</summary>
    public int MaxValueBytes { get; init; } = FleetBounds.MaxValueBytes;

    /// <summary>
    /// Whether a message may replace others (<c>Nats-Rollup</c>). Never where devices write: one that may write a single key could erase the whole bucket.
    /// </summary>
    public bool AllowsRollup { get; init; }

    /// <summary>Where the broker also publishes every value, e.g. <c>fleet.desired.&gt;</c>; null when it does not. The source is every key of the bucket.</summary>
    public string? RepublishTo { get; init; }

    /// <summary>How long a message id is remembered, so that a retry is stored once.</summary>
    public TimeSpan DuplicateWindow { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>On how many brokers: 1, or 3 in a cluster.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>The stream behind it.</summary>
    public string StreamName => $"KV_{Name}";

    /// <summary>The subjects of all its keys.</summary>
    public string AllSubjects => Subject(">");

    /// <summary>The subject of a key, or of a filter over keys.</summary>
    public string Subject(string key) => $"$KV.{Name}.{key}";
}
