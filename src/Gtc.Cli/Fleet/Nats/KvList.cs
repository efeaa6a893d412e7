using System.Collections.Immutable;
using System.Globalization;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Nats;

namespace Gtc.Cli.Fleet.Nats;

/// <summary><c>gtc fleet nats kv ls</c>.</summary>
internal static class KvList
{
    /// <summary>The verb.</summary>
    public static Verb<KvListPayload> Verb => new()
    {
        Noun = "kv",
        Name = "ls",
        Purpose = "List the buckets, or the keys of one",
        Examples = ["fleet nats kv ls", "fleet nats kv ls device-state", "fleet nats kv ls device-state state.pi-1.> --format json"],
        Payload = KvJson.Default.KvListPayload,
        Fields =
        [
            new("bucket", "the bucket whose keys are listed; the buckets themselves when not given", Position: "BUCKET"),
            new("filter", "which keys; `*` stands for one token, a last `>` for all that follow", "--filter", "FILTER", "FILTER"),
            new("limit", $"how many keys at most; {KvListPayload.DefaultLimit} when not given", "--limit", "N"),
            .. KvPayload.SharedFields,
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(KvListPayload payload, VerbCall call, CancellationToken cancellationToken) =>
        payload.Bucket is { } bucket
            ? (await KvBroker.WithBucketAsync(payload, bucket, call, found => KeysAsync(found, payload, cancellationToken), cancellationToken)).Then(keys => (Outcome<Answer>)Shown(keys))
            : (await BucketsAsync(payload, call, cancellationToken)).Then(buckets => (Outcome<Answer>)Shown(buckets));

    private static async Task<NatsResult<KvKeys>> KeysAsync(Bucket bucket, KvListPayload payload, CancellationToken cancellationToken)
    {
        var limit = payload.Limit ?? KvListPayload.DefaultLimit;
        var keys = ImmutableArray.CreateBuilder<KvKey>();
        await foreach (var entry in bucket.ListAsync(payload.Filter ?? ">", new WatchOptions { KeysOnly = true }, cancellationToken))
        {
            if (!entry.TryGet(out var found, out var error))
            {
                return error;
            }

            if (found.IsPut && keys.Count == limit)
            {
                return new KvKeys(bucket.Name, keys.ToImmutable(), IsCut: true);
            }

            if (found.IsPut)
            {
                keys.Add(new(found.Key, found.Revision, found.Created));
            }
        }

        return new KvKeys(bucket.Name, keys.ToImmutable(), IsCut: false);
    }

    private static async Task<Outcome<KvBuckets>> BucketsAsync(KvListPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await KvBroker.ConnectAsync(payload, call, cancellationToken)).TryGet(out var opened, out var refusal))
        {
            return refusal;
        }

        await using var connection = opened;
        var streams = connection.JetStream();
        if (!(await streams.BucketNamesAsync(cancellationToken)).TryGet(out var names, out var error))
        {
            return KvBroker.Refuse(error);
        }

        var buckets = ImmutableArray.CreateBuilder<KvBucket>();
        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            if (!streams.Bucket(name).TryGet(out var bucket, out error) || !(await bucket.StatusAsync(cancellationToken)).TryGet(out var status, out error))
            {
                return KvBroker.Refuse(error);
            }

            var state = status.State;
            buckets.Add(new(
                name,
                state.Messages,
                state.Bytes,
                (ulong)Math.Max(0, status.Config.MaxMsgsPerSubject),
                status.Config.Storage == StreamStorage.File ? "file" : "memory",
                state.LastSequence,
                state.LastSequence == 0 ? null : state.LastTime));
        }

        return new KvBuckets(buckets.ToImmutable());
    }

    private static Answer Shown(KvKeys keys) => Answer.Of(keys, KvJson.Default.KvKeys, screen =>
    {
        screen.Table(
            new(
                [new("KEY"), new("REVISION"), new("CHANGED", 1)],
                [.. keys.Keys.Select(key => (ImmutableArray<string>)[key.Key, key.Revision.ToString(CultureInfo.InvariantCulture), screen.Ago(key.Created)])]),
            $"No key of {keys.Bucket} has a value.");
        if (keys.IsCut)
        {
            screen.Say($"There are more; --limit N or a filter shows them.");
        }
    });

    private static Answer Shown(KvBuckets buckets) => Answer.Of(buckets, KvJson.Default.KvBuckets, screen => screen.Table(
        new(
            [new("BUCKET"), new("ENTRIES"), new("SIZE", 1), new("HISTORY", 3), new("STORAGE", 2), new("LAST REVISION", 1), new("CHANGED", 1)],
            [
                .. buckets.Buckets.Select(bucket => (ImmutableArray<string>)
                [
                    bucket.Name,
                    bucket.Entries.ToString(CultureInfo.InvariantCulture),
                    Figures.Size((long)bucket.Bytes),
                    bucket.History.ToString(CultureInfo.InvariantCulture),
                    bucket.Storage,
                    bucket.LastRevision.ToString(CultureInfo.InvariantCulture),
                    bucket.LastChange is { } time ? screen.Ago(time) : "never",
                ]),
            ]),
        "The broker has no buckets."));
}
