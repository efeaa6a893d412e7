namespace Gtc.Nats;

/// <summary>Writes many keys of a bucket without waiting for each; see <see cref="PublishPipeline"/>. Nothing is made for a write.</summary>
public sealed class BucketPipeline
{
    private readonly Bucket _bucket;
    private readonly PublishPipeline _pipeline;

    internal BucketPipeline(Bucket bucket, PublishPipeline pipeline)
    {
        _bucket = bucket;
        _pipeline = pipeline;
    }

    /// <summary>How many writes wait for their acknowledgement.</summary>
    public int InFlight => _pipeline.InFlight;

    /// <summary>Gives a key a value; waits only when the window is full, or too much waits to be sent.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value; it is copied before the first wait.</param>
    /// <param name="write">Conditions and headers.</param>
    /// <param name="tag">What the acknowledgement is told with.</param>
    /// <param name="cancellationToken">Ends the wait for room.</param>
    /// <returns>Done: the callback will be told of it. An error: nothing was sent, and it will not.</returns>
    public ValueTask<NatsResult> PutAsync(string key, ReadOnlyMemory<byte> value, BucketWrite write, long tag, CancellationToken cancellationToken) =>
        WriteAsync(key, value, write.ToOptions(BucketOperation.Put), tag, cancellationToken);

    /// <summary>Deletes a key, as <see cref="PutAsync"/> gives it a value.</summary>
    public ValueTask<NatsResult> DeleteAsync(string key, BucketWrite write, long tag, CancellationToken cancellationToken) =>
        WriteAsync(key, default, write.ToOptions(BucketOperation.Delete), tag, cancellationToken);

    /// <summary>Waits until nothing is under way.</summary>
    public Task DrainAsync(CancellationToken cancellationToken) => _pipeline.DrainAsync(cancellationToken);

    private ValueTask<NatsResult> WriteAsync(string key, ReadOnlyMemory<byte> value, in PublishOptions options, long tag, CancellationToken cancellationToken) =>
        KeyRules.CheckKey(key) is { } invalid
            ? ValueTask.FromResult<NatsResult>(invalid)
            : _pipeline.PublishAsync(_bucket.Prefix, key, value, options, tag, cancellationToken);
}
