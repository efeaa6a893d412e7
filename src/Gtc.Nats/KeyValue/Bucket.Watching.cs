using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Gtc.Nats;

/// <content>Watches and lists.</content>
public sealed partial class Bucket
{
    /// <summary>Opens a watch.</summary>
    /// <param name="filter">Which keys: <c>*</c> stands for one token, a last <c>&gt;</c> for all that follow.</param>
    /// <param name="options">Where it begins.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The watch, or why the server does not allow it.</returns>
    public async Task<NatsResult<BucketWatch>> WatchAsync(string filter, WatchOptions options, CancellationToken cancellationToken)
    {
        if (KeyRules.CheckFilter(filter) is { } invalid)
        {
            return invalid;
        }

        // A literal filter with the last per subject may say that there is nothing (nats-server 2.9): the last is read directly instead.
        var isOne = options.From == DeliverFrom.LastPerSubject && KeyRules.IsLiteral(filter);
        var consumed = await Streams.ConsumeAsync(
            Stream,
            new()
            {
                Filter = Prefix + filter,
                From = isOne ? DeliverFrom.New : options.From,
                HeadersOnly = options.KeysOnly,
                Heartbeat = options.Heartbeat,
                ChecksStream = options.ChecksStream,
            },
            cancellationToken);
        if (!consumed.TryGet(out var consumer, out var error))
        {
            return error;
        }

        BucketEntry? first = null;
        if (isOne)
        {
            var last = await GetLastAsync(filter, cancellationToken);
            if (last.Error is { Kind: not NatsErrorKind.NotFound } failed)
            {
                await consumer.DisposeAsync();
                return failed;
            }

            // What was written after the reader stands comes through it.
            first = last.IsOk && last.Value.Revision <= consumer.LastSequence ? last.Value : null;
        }

        return new BucketWatch(consumer, Prefix.Length, first);
    }

    /// <summary>Opens a watch that begins with the last entry of each key.</summary>
    public Task<NatsResult<BucketWatch>> WatchAsync(string filter, CancellationToken cancellationToken) => WatchAsync(filter, new(), cancellationToken);

    /// <summary>The keys that have a value, one by one. An error is the last that comes.</summary>
    public async IAsyncEnumerable<NatsResult<string>> KeysAsync(string filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entry in ListAsync(filter, new WatchOptions { KeysOnly = true }, cancellationToken))
        {
            if (!entry.TryGet(out var found, out var error))
            {
                yield return error;
            }
            else if (found.IsPut)
            {
                yield return found.Key;
            }
        }
    }

    /// <summary>The last entries of keys, or what else the options say, one by one, markers included; it ends after the last that is there. An error is the last that comes.</summary>
    public async IAsyncEnumerable<NatsResult<BucketEntry>> ListAsync(string filter, WatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!(await WatchAsync(filter, options, cancellationToken)).TryGet(out var opened, out var error))
        {
            yield return error;
            yield break;
        }

        await using var watch = opened;
        await foreach (var entry in watch.ReadInitialAsync(cancellationToken))
        {
            yield return entry;
        }

        if (watch.Error is { } end)
        {
            yield return end;
        }
    }

    /// <summary>All that is kept of a key, oldest first, markers included.</summary>
    public async Task<NatsResult<ImmutableArray<BucketEntry>>> HistoryAsync(string key, CancellationToken cancellationToken)
    {
        if (KeyRules.CheckKey(key) is { } invalid)
        {
            return invalid;
        }

        var entries = ImmutableArray.CreateBuilder<BucketEntry>();
        await foreach (var entry in ListAsync(key, new WatchOptions { From = DeliverFrom.All }, cancellationToken))
        {
            if (!entry.TryGet(out var found, out var error))
            {
                return error;
            }

            entries.Add(found);
        }

        return entries.ToImmutable();
    }
}
