namespace Gtc.Nats;

/// <summary>What happened to a key.</summary>
public enum BucketOperation
{
    /// <summary>It was given a value.</summary>
    Put,

    /// <summary>It was deleted; earlier values may still be there.</summary>
    Delete,

    /// <summary>It was deleted with all earlier values.</summary>
    Purge,
}

/// <summary>One value of a key, or the marker of its deletion.</summary>
public sealed class BucketEntry
{
    private readonly StreamMessage _message;
    private readonly int _prefixLength;
    private string? _key;

    internal BucketEntry(StreamMessage message, int prefixLength)
    {
        _message = message;
        _prefixLength = prefixLength;
        Operation = message.Headers?["KV-Operation"] switch
        {
            "DEL" => BucketOperation.Delete,
            "PURGE" => BucketOperation.Purge,
            _ => BucketOperation.Put,
        };
    }

    /// <summary>The key.</summary>
    public string Key => _key ??= _message.Subject[_prefixLength..];

    /// <summary>The value; empty on a marker.</summary>
    public ReadOnlyMemory<byte> Value => _message.Payload;

    /// <summary>The stream sequence: what <see cref="Bucket.UpdateAsync"/> expects.</summary>
    public ulong Revision => _message.Sequence;

    /// <summary>When the server stored it.</summary>
    public DateTimeOffset Created => _message.Time;

    /// <summary>What happened.</summary>
    public BucketOperation Operation { get; }

    /// <summary>True when the key has a value.</summary>
    public bool IsPut => Operation == BucketOperation.Put;

    /// <summary>Its headers, or null when there are none.</summary>
    public NatsHeaders? Headers => _message.Headers;

    /// <summary>How many entries a watch had yet to deliver after this one; 0 for the last of those that were there, and from a get.</summary>
    public ulong Pending => _message.Pending;

    /// <inheritdoc/>
    public override string ToString() => $"{Key} {Operation} at {Revision}";
}
