using Gtc.Nats;
using Microsoft.Extensions.Logging;

namespace Gtc.Fleet.Operator;

/// <summary>Why a stream had to be read from its beginning.</summary>
internal enum ResyncReason
{
    None,
    NoCheckpoint,
    StreamReplaced,
    SequenceBehind,
    CheckpointTooOld,
}

/// <summary>
/// Reads a bucket for ever: what changed since the tables' position, or the newest value of every key when that position means nothing any more. Which of
/// the two is decided before the reader is opened, because the server takes any sequence without a word (fleet.md §7.5).
/// </summary>
internal sealed partial class StreamFeed(FleetBroker broker, Bucket bucket, SharedTables tables, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly TaskCompletionSource _caughtUp = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when everything that was there at the start has been told.</summary>
    public Task CaughtUp => _caughtUp.Task;

    public string BucketName => bucket.Name;

    /// <summary>Bytes of payload that were read, and messages.</summary>
    public long BytesRead { get; private set; }

    public long MessagesRead { get; private set; }

    /// <summary>Why the last reading from the beginning was needed.</summary>
    public ResyncReason LastResync { get; private set; }

    /// <summary>Leaves payloads out.</summary>
    public bool HeadersOnly { get; init; }

    /// <summary>Ends when the reader has caught up, for what only this process writes afterwards.</summary>
    public bool StopsWhenCaughtUp { get; init; }

    /// <summary>Whether the checkpoint is older than markers of deletion are kept.</summary>
    public bool IsTooOld { get; init; }

    /// <summary>Told of each message with the position behind it; it moves the tables' position.</summary>
    public required Func<BucketMessage, StreamPosition, CancellationToken, ValueTask> Read { get; init; }

    /// <summary>Told before everything is told anew; true when sequences begin anew.</summary>
    public Action<bool> ResyncBegins { get; init; } = static _ => { };

    /// <summary>Told when everything was told anew, with the position.</summary>
    public Action<StreamPosition> ResyncEnds { get; init; } = static _ => { };

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var error = await OnceAsync(cancellationToken);
            if (error is null)
            {
                return;
            }

            Log.Interrupted(logger, bucket.Name, error.ToString());
            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private async Task<NatsError?> OnceAsync(CancellationToken cancellationToken)
    {
        if (!(await bucket.StatusAsync(cancellationToken)).TryGet(out var status, out var error))
        {
            return error.Kind == NatsErrorKind.NotFound ? await broker.EnsureAsync(cancellationToken) ?? error : error;
        }

        var reason = ReasonOf(status);
        var filter = $"$KV.{bucket.Name}.>";
        var from = reason == ResyncReason.None ? DeliverFrom.Sequence(tables.PositionOf(bucket.Name)!.Value.Sequence + 1) : DeliverFrom.LastPerSubject;
        if (!(await broker.Streams.ConsumeAsync(bucket.Stream, new ConsumerOptions { Filter = filter, From = from, HeadersOnly = HeadersOnly }, cancellationToken)).TryGet(out var consumer, out error))
        {
            return error;
        }

        await using (consumer)
        {
            if (reason != ResyncReason.None)
            {
                LastResync = reason;
                Log.Resync(logger, bucket.Name, reason);
                ResyncBegins(reason is ResyncReason.StreamReplaced or ResyncReason.SequenceBehind);
            }

            return await ReadAllAsync(consumer, status, reason, cancellationToken);
        }
    }

    private async Task<NatsError?> ReadAllAsync(OrderedConsumer consumer, StreamStatus status, ResyncReason reason, CancellationToken cancellationToken)
    {
        var left = consumer.InitialPending;
        var isCaughtUp = false;
        while (true)
        {
            if (!isCaughtUp)
            {
                if (!(await IsAtEndAsync(consumer.LastSequence, left, status.State.LastSequence, cancellationToken)).TryGet(out isCaughtUp, out var error))
                {
                    return error;
                }

                if (isCaughtUp)
                {
                    EndCatchingUp(new StreamPosition(status.Created, Math.Max(status.State.LastSequence, consumer.LastSequence)), reason);
                }

                if (isCaughtUp && StopsWhenCaughtUp)
                {
                    return null;
                }
            }

            if (await consumer.ReadAsync(cancellationToken) is not { } message)
            {
                return consumer.Error ?? new NatsError(NatsErrorKind.Closed, "the reader ended");
            }

            left = message.Pending == 0 || left == 0 ? 0 : left - 1;
            BytesRead += message.Payload.Length;
            MessagesRead++;
            var isDeleted = message.Payload.IsEmpty && message.Headers?["KV-Operation"] is not null;
            await Read(new BucketMessage(message, bucket.Name.Length + "$KV..".Length, isDeleted), new StreamPosition(status.Created, message.Sequence), cancellationToken);
        }
    }

    /// <summary>
    /// Whether everything was read that was there at the start. The server's count of what is left is an estimate and not believed: what is told too early
    /// would be what was known before this process led.
    /// </summary>
    /// <param name="at">The sequence that was read last.</param>
    /// <param name="left">How many messages are left by the server's count.</param>
    /// <param name="last">The stream's last sequence at the start; the last messages may have been removed since.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    private async ValueTask<NatsResult<bool>> IsAtEndAsync(ulong at, ulong left, ulong last, CancellationToken cancellationToken)
    {
        if (left > 0 || at >= last)
        {
            return at >= last;
        }

        var next = await broker.Streams.DirectGetNextAsync(bucket.Stream, at + 1, $"$KV.{bucket.Name}.>", cancellationToken);
        return next.IsOk ? next.Value.Sequence > last
            : next.Error!.Kind == NatsErrorKind.NotFound ? true
            : next.Error;
    }

    private void EndCatchingUp(StreamPosition position, ResyncReason reason)
    {
        if (reason != ResyncReason.None)
        {
            ResyncEnds(position);
        }

        _caughtUp.TrySetResult();
    }

    private ResyncReason ReasonOf(StreamStatus status) => tables.PositionOf(bucket.Name) is not { } position ? ResyncReason.NoCheckpoint
        : position.Created != status.Created ? ResyncReason.StreamReplaced
        : position.Sequence > status.State.LastSequence ? ResyncReason.SequenceBehind
        : IsTooOld && !_caughtUp.Task.IsCompleted ? ResyncReason.CheckpointTooOld
        : ResyncReason.None;

    private static partial class Log
    {
        [LoggerMessage(4952, LogLevel.Information, "Bucket {Bucket} is read from its beginning: {Reason}")]
        public static partial void Resync(ILogger logger, string bucket, ResyncReason reason);

        [LoggerMessage(4953, LogLevel.Warning, "Reading bucket {Bucket} was interrupted and is tried again: {Cause}")]
        public static partial void Interrupted(ILogger logger, string bucket, string cause);
    }
}

/// <summary>A message of a bucket.</summary>
/// <param name="Message">The message.</param>
/// <param name="PrefixLength">Where its key begins in the subject.</param>
/// <param name="IsDeleted">Whether it says that the key was deleted.</param>
internal readonly record struct BucketMessage(StreamMessage Message, int PrefixLength, bool IsDeleted)
{
    /// <summary>The key.</summary>
    public string Key => Message.Subject[PrefixLength..];
}
