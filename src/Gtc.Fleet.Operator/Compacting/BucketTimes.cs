using Gtc.Nats;

namespace Gtc.Fleet.Operator;

/// <summary>Finds how far a bucket had come at a time, with a few reads and no reader: sequences and times rise together.</summary>
internal static class BucketTimes
{
    /// <summary>The sequence up to which everything that is left in a bucket is older than a time.</summary>
    public static async Task<NatsResult<ulong>> SequenceBeforeAsync(Bucket bucket, StreamStatus status, DateTimeOffset time, CancellationToken cancellationToken)
    {
        var older = Math.Max(status.State.FirstSequence, 1) - 1;
        var younger = status.State.LastSequence + 1;
        while (younger - older > 1)
        {
            var middle = older + ((younger - older) / 2);
            var next = await bucket.Streams.DirectGetNextAsync(bucket.Stream, middle, $"$KV.{bucket.Name}.>", cancellationToken);
            if (next.Error is { Kind: not NatsErrorKind.NotFound } error)
            {
                return error;
            }

            if (next.Error is null && next.Value.Time < time)
            {
                older = next.Value.Sequence;
            }
            else
            {
                younger = middle;
            }
        }

        return older;
    }
}
