using System.Collections.Immutable;
using System.Globalization;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Nats;

namespace Gtc.Cli.Fleet.Nats;

/// <summary><c>gtc fleet nats kv history</c>.</summary>
internal static class KvHistory
{
    /// <summary>The verb.</summary>
    public static Verb<KvHistoryPayload> Verb => new()
    {
        Noun = "kv",
        Name = "history",
        Purpose = "Show all that is kept of a key, oldest first",
        Remark = "The fleet's buckets keep one entry of each key.",
        Examples = ["fleet nats kv history device-state state.pi-1.web"],
        Payload = KvJson.Default.KvHistoryPayload,
        Fields = [KvPayload.BucketField, KvPayload.KeyField, .. KvPayload.SharedFields],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(KvHistoryPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var read = await KvBroker.WithBucketAsync(payload, payload.Bucket, call, bucket => bucket.HistoryAsync(payload.Key, cancellationToken), cancellationToken);
        return read.Then(entries => entries.IsEmpty
            ? (Outcome<Answer>)new Refusal.Missing($"nothing is kept of `{payload.Key}` in bucket {payload.Bucket}")
            : Shown(new(payload.Bucket, payload.Key, [.. entries.Select(KvEntry.Of)])));
    }

    private static Answer Shown(KvEntries entries) => Answer.Of(entries, KvJson.Default.KvEntries, screen => screen.Table(
        new(
            [new("REVISION"), new("CHANGED", 1), new("OPERATION", 1), new("VALUE")],
            [
                .. entries.Entries.Select(entry => (ImmutableArray<string>)
                    [entry.Revision.ToString(CultureInfo.InvariantCulture), screen.Ago(entry.Created), entry.Operation, entry.Shown.ReplaceLineEndings(" ")]),
            ]),
        ""));
}
