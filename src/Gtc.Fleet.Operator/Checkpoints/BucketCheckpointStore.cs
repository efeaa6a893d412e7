using Gtc.Nats;

namespace Gtc.Fleet.Operator;

/// <summary>A checkpoint in the broker's own bucket, for operators that have no disk of their own.</summary>
internal sealed class BucketCheckpointStore(Bucket bucket) : ICheckpointStore
{
    public async Task<StoredValue> ReadAsync(string key, CancellationToken cancellationToken)
    {
        var read = await bucket.GetLastAsync(key, cancellationToken);
        return read.Error is { Kind: NatsErrorKind.NotFound } ? default
            : read.Error is { } error ? new StoredValue(null, 0, error.ToString())
            : new StoredValue(read.Value.IsPut ? read.Value.Value.ToArray() : null, read.Value.Revision);
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

    public async Task<Replacement> ReplaceAsync(string key, byte[] value, ulong revision, CancellationToken cancellationToken)
    {
        var put = await bucket.UpdateAsync(key, value, revision, cancellationToken);
        return put.Error is { Kind: NatsErrorKind.WrongLastSequence } ? new Replacement(0, IsConflict: true)
            : put.Error is { } error ? new Replacement(0, Error: error.ToString())
            : new Replacement(put.Value);
    }

    public async Task SweepAsync(string prefix, Func<string, bool> isWanted, CancellationToken cancellationToken)
    {
        var unwanted = new List<string>();
        await foreach (var key in bucket.KeysAsync($"{prefix}>", cancellationToken))
        {
            if (key.IsOk && !isWanted(key.Value))
            {
                unwanted.Add(key.Value);
            }
        }

        foreach (var key in unwanted)
        {
            // Not a marker of deletion but nothing at all: no reader follows this bucket.
            await bucket.Streams.PurgeStreamAsync(bucket.Stream, $"$KV.{bucket.Name}.{key}", keep: null, upTo: null, cancellationToken);
        }
    }
}
