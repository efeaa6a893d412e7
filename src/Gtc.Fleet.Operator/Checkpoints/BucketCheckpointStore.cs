using Gtc.Nats;

namespace Gtc.Fleet.Operator;

/// <summary>A checkpoint in the broker's own bucket, for operators that have no disk of their own.</summary>
internal sealed class BucketCheckpointStore(Bucket bucket) : ICheckpointStore
{
    public async Task<byte[]?> ReadAsync(string key, CancellationToken cancellationToken)
    {
        var read = await bucket.GetAsync(key, cancellationToken);
        return read.IsOk ? read.Value.Value.ToArray() : null;
    }

    public async Task<string?> WriteAsync(IReadOnlyCollection<KeyValuePair<string, byte[]>> values, CancellationToken cancellationToken)
    {
        var writing = values.Select(value => bucket.PutAsync(value.Key, value.Value, cancellationToken).AsTask()).ToList();
        NatsError? failed = null;
        foreach (var write in writing)
        {
            failed = (await write).Error ?? failed;
        }

        return failed?.ToString();
    }
}
