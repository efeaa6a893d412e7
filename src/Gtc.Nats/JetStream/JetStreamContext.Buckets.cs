namespace Gtc.Nats;

/// <content>Key-value buckets.</content>
public sealed partial class JetStreamContext
{
    /// <summary>A bucket that is taken to be there, for users who may not look at streams.</summary>
    /// <returns>The bucket, or what is wrong with its name.</returns>
    public NatsResult<Bucket> Bucket(string name) => KeyRules.CheckBucket(name) is { } invalid ? invalid : new Bucket(this, name);

    /// <summary>A bucket that is there.</summary>
    /// <returns>The bucket, or <see cref="NatsErrorKind.NotFound"/>.</returns>
    public async Task<NatsResult<Bucket>> BucketAsync(string name, CancellationToken cancellationToken) =>
        !Bucket(name).TryGet(out var bucket, out var invalid) ? invalid
            : (await bucket.StatusAsync(cancellationToken)).Error is { } error
                ? error.Kind == NatsErrorKind.NotFound ? error with { Message = $"there is no bucket {name}" } : error
                : bucket;

    /// <summary>Makes a bucket, or changes the one that is there. What cannot be changed, e.g. the storage, is an error.</summary>
    public async Task<NatsResult<Bucket>> EnsureBucketAsync(BucketConfig config, CancellationToken cancellationToken) =>
        !Bucket(config.Name).TryGet(out var bucket, out var invalid) ? invalid
            : (await EnsureStreamAsync(config.ToStream(), cancellationToken)).Error is { } error ? error : bucket;

    /// <summary>Deletes a bucket with all its keys.</summary>
    public async Task<NatsResult> DeleteBucketAsync(string name, CancellationToken cancellationToken) =>
        KeyRules.CheckBucket(name) is { } invalid ? invalid : await DeleteStreamAsync(BucketConfig.StreamPrefix + name, cancellationToken);

    /// <summary>The names of all buckets.</summary>
    public async Task<NatsResult<IReadOnlyList<string>>> BucketNamesAsync(CancellationToken cancellationToken) =>
        (await StreamNamesAsync(cancellationToken)).TryGet(out var streams, out var error)
            ? streams.Where(stream => stream.StartsWith(BucketConfig.StreamPrefix, StringComparison.Ordinal)).Select(stream => stream[BucketConfig.StreamPrefix.Length..]).ToList()
            : error;
}
