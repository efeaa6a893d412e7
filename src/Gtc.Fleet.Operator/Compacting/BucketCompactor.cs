using Gtc.Nats;
using Microsoft.Extensions.Logging;

namespace Gtc.Fleet.Operator;

/// <summary>
/// Removes from the broker what nobody needs any more, slowly (fleet.md §7.3, §7.6): markers of deletion that every checkpoint within the horizon has read, and
/// reports of devices that have had no resource for long. Each message is looked at once, in the order of the stream.
/// </summary>
internal sealed partial class BucketCompactor(
    FleetBroker broker, SharedTables tables, Checkpointer checkpointer, CompactionLimits limits, Func<CancellationToken, ValueTask> mayWrite, TimeProvider time, ILogger logger)
{
    private const int Batch = 1000;

    /// <summary>Markers, and reports of unknown devices, that were removed.</summary>
    public long Markers { get; private set; }

    public long UnknownReports { get; private set; }

    /// <summary>Looks for ever. Everything has to be known before.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(limits.Interval, time);
        do
        {
            var error = await CompactAsync(broker.States, cancellationToken) ?? await CompactAsync(broker.Desired, cancellationToken) ?? await EvictAsync(cancellationToken);
            if (error is not null)
            {
                Log.Interrupted(logger, error.ToString());
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    /// <summary>Removes the markers that became old enough.</summary>
    public async Task<NatsError?> CompactAsync(Bucket bucket, CancellationToken cancellationToken)
    {
        if (!(await bucket.StatusAsync(cancellationToken)).TryGet(out var status, out var error)
            || !(await CompactionMark.ReadAsync(broker, bucket, cancellationToken)).TryGet(out var mark, out error)
            || !(await BucketTimes.SequenceBeforeAsync(bucket, status, time.GetUtcNow() - limits.Horizon, cancellationToken)).TryGet(out var old, out error))
        {
            return error;
        }

        // What the newest checkpoint does not hold is what its successor has to be told.
        var held = checkpointer.Positions.TryGetValue(bucket.Name, out var position) && position.Created == status.Created ? position.Sequence : 0;
        mark = mark.Created == status.Created ? mark : new CompactionMark(status.Created, 0, 0);
        var end = Math.Min(old, held);
        while (mark.Done < end)
        {
            if (!(await ReadAsync(bucket, mark.Done + 1, end, cancellationToken)).TryGet(out var read, out error))
            {
                return error;
            }

            var (markers, reached) = read;
            mark = mark with { Floor = Math.Max(mark.Floor, reached) };
            await mayWrite(cancellationToken);
            error = (markers.Count == 0 ? null : await mark.WriteAsync(broker, bucket, cancellationToken)) ?? await RemoveAsync(bucket, markers, cancellationToken);
            mark = mark with { Done = reached };
            if ((error ?? await mark.WriteAsync(broker, bucket, cancellationToken)) is { } failed)
            {
                return failed;
            }
        }

        return null;
    }

    /// <summary>Removes reports of devices that have no resource: the old ones, and the oldest of too many. A device that has one after all reports again when it connects.</summary>
    public async Task<NatsError?> EvictAsync(CancellationToken cancellationToken)
    {
        if (!(await broker.States.StatusAsync(cancellationToken)).TryGet(out var status, out var error)
            || !(await BucketTimes.SequenceBeforeAsync(broker.States, status, time.GetUtcNow() - limits.UnknownAge, cancellationToken)).TryGet(out var old, out error))
        {
            return error;
        }

        foreach (var unknown in tables.Ask(ask => ask.UnknownDevices((long)old, limits.UnknownReports)))
        {
            var filter = $"$KV.{broker.States.Name}.state.{unknown.Device}.>";
            if (await RemoveAsync(broker.States, filter, (ulong)unknown.Sequence, cancellationToken) is { } failed)
            {
                return failed;
            }

            UnknownReports += unknown.Reports;
            tables.Do(change => change.EvictUnknown(unknown));
        }

        return null;
    }

    /// <summary>The markers of the next messages, and how far was looked.</summary>
    private async Task<NatsResult<(List<StreamMessage> Markers, ulong Reached)>> ReadAsync(Bucket bucket, ulong from, ulong end, CancellationToken cancellationToken)
    {
        var markers = new List<StreamMessage>();
        var options = new ConsumerOptions { Filter = $"$KV.{bucket.Name}.>", From = DeliverFrom.Sequence(from), HeadersOnly = true };
        if (!(await broker.Streams.ConsumeAsync(bucket.Stream, options, cancellationToken)).TryGet(out var consumer, out var error))
        {
            return error;
        }

        await using (consumer)
        {
            for (var left = consumer.InitialPending; left > 0; left--)
            {
                if (await consumer.ReadAsync(cancellationToken) is not { } message)
                {
                    return consumer.Error ?? new NatsError(NatsErrorKind.Closed, "the reader ended");
                }

                if (message.Sequence > end)
                {
                    break;
                }

                if (message.Headers?["KV-Operation"] is not null)
                {
                    markers.Add(message);
                }

                if (markers.Count == Batch)
                {
                    return (markers, message.Sequence);
                }
            }

            return (markers, end);
        }
    }

    private async Task<NatsError?> RemoveAsync(Bucket bucket, List<StreamMessage> markers, CancellationToken cancellationToken)
    {
        foreach (var marker in markers)
        {
            if (await RemoveAsync(bucket, marker.Subject, marker.Sequence, cancellationToken) is { } error)
            {
                return error;
            }

            Markers++;
        }

        return null;
    }

    /// <summary>What came to the same key meanwhile stays.</summary>
    private async Task<NatsError?> RemoveAsync(Bucket bucket, string filter, ulong sequence, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromSeconds(1.0 / limits.PerSecond), time, cancellationToken);
        await mayWrite(cancellationToken);
        return (await broker.Streams.PurgeStreamAsync(bucket.Stream, filter, keep: null, sequence + 1, cancellationToken)).Error;
    }

    private static partial class Log
    {
        [LoggerMessage(4979, LogLevel.Warning, "Old markers and reports could not be removed from the broker and this is tried again: {Cause}")]
        public static partial void Interrupted(ILogger logger, string cause);
    }
}
