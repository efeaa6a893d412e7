using Gtc.Nats;

namespace Gtc.Fleet.Operator;

/// <summary>
/// Writes entries of devices, each only as the successor of the one that was seen before it was certain that this process leads: one that was stopped in
/// between, and goes on when another leads, finds another revision and changes nothing.
/// </summary>
internal sealed class EntryWriter(Bucket bucket, Func<CancellationToken, ValueTask> mayWrite)
{
    /// <summary>Stores an entry.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="value">Its bytes.</param>
    /// <param name="headers">Its headers.</param>
    /// <param name="known">The revision that the manifest names; null when it names none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<NatsResult<ulong>> PutAsync(string key, ReadOnlyMemory<byte> value, NatsHeaders headers, long? known, CancellationToken cancellationToken)
    {
        // Without an id: one that repeats stores the same bytes again, while an id could hold back what was deleted in between.
        var put = await bucket.PutAsync(key, value, new BucketWrite { Headers = headers, ExpectedRevision = (ulong)(known ?? 0) }, cancellationToken);
        if (put.Error is not { Kind: NatsErrorKind.WrongLastSequence })
        {
            return put;
        }

        // A marker of deletion, or what an operator left that ended before it wrote the manifest.
        return (await LastAsync(key, cancellationToken)).TryGet(out var last, out var error)
            ? await bucket.PutAsync(key, value, new BucketWrite { Headers = headers, ExpectedRevision = last.Revision }, cancellationToken)
            : error;
    }

    /// <summary>Deletes an entry.</summary>
    /// <returns>The marker's revision; 0 when there was nothing to delete.</returns>
    public async Task<NatsResult<ulong>> DeleteAsync(string key, long? known, CancellationToken cancellationToken)
    {
        if (known is { } revision)
        {
            var deleted = await bucket.DeleteAsync(key, new BucketWrite { ExpectedRevision = (ulong)revision }, cancellationToken);
            if (deleted.Error is not { Kind: NatsErrorKind.WrongLastSequence })
            {
                return deleted;
            }
        }

        return !(await LastAsync(key, cancellationToken)).TryGet(out var last, out var error) ? error
            : !last.IsThere ? 0UL
            : await bucket.DeleteAsync(key, new BucketWrite { ExpectedRevision = last.Revision }, cancellationToken);
    }

    private async Task<NatsResult<(ulong Revision, bool IsThere)>> LastAsync(string key, CancellationToken cancellationToken)
    {
        var read = await bucket.GetLastAsync(key, cancellationToken);
        if (read.Error is { Kind: not NatsErrorKind.NotFound } error)
        {
            return error;
        }

        await mayWrite(cancellationToken);
        return read.IsOk ? (read.Value.Revision, read.Value.IsPut) : (0UL, false);
    }
}
