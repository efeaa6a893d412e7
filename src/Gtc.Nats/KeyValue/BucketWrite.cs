namespace Gtc.Nats;

/// <summary>What goes with a write to a bucket.</summary>
public readonly record struct BucketWrite
{
    /// <summary>The revision that the key has to have, marker or value; 0 for none yet; null for any. Otherwise <see cref="NatsErrorKind.WrongLastSequence"/>.</summary>
    public ulong? ExpectedRevision { get; init; }

    /// <summary>An id by which the bucket knows a repetition, within its duplicate window.</summary>
    public string? MessageId { get; init; }

    /// <summary>Headers of the caller's own, or null.</summary>
    public NatsHeaders? Headers { get; init; }

    internal PublishOptions ToOptions(BucketOperation operation) => new()
    {
        Headers = Headers,
        MessageId = MessageId,
        ExpectedLastSubjectSequence = ExpectedRevision,
        Operation = operation switch { BucketOperation.Delete => "DEL", BucketOperation.Purge => "PURGE", _ => null },
        RollUp = operation == BucketOperation.Purge ? RollUp.Subject : RollUp.None,
    };
}
