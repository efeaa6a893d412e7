using System.Text.Json;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Nats;

namespace Gtc.Cli.Fleet.Nats;

/// <summary><c>gtc fleet nats kv watch</c>.</summary>
internal static class KvWatch
{
    /// <summary>The verb.</summary>
    public static Verb<KvWatchPayload> Verb => new()
    {
        Noun = "kv",
        Name = "watch",
        Purpose = "Follow the entries of a bucket: what is there, then what changes",
        Remark = "It goes on through lost connections and restarts of the broker, without gaps, until it is interrupted. In a pipe each entry is a line of JSON.",
        Examples = ["fleet nats kv watch device-state", "fleet nats kv watch device-state state.pi-1.> --new", "fleet nats kv watch desired-state --limit 10 --format json"],
        Payload = KvJson.Default.KvWatchPayload,
        Fields =
        [
            KvPayload.BucketField,
            new("filter", "which keys; `*` stands for one token, a last `>` for all that follow", "--filter", "FILTER", "FILTER"),
            new("new", "only changes, not what is there already", "--new"),
            new("limit", "end after so many entries", "--limit", "N"),
            new("raw", "print the values and nothing else, one per line", "--raw"),
            .. KvPayload.SharedFields,
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(KvWatchPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await KvBroker.ConnectAsync(payload, call, cancellationToken)).TryGet(out var connection, out var refusal))
        {
            return refusal;
        }

        var filter = payload.Filter ?? ">";
        var options = new WatchOptions { From = payload.New ? DeliverFrom.New : DeliverFrom.LastPerSubject };
        var opened = connection.JetStream().Bucket(payload.Bucket).TryGet(out var bucket, out var error)
            ? await bucket.WatchAsync(filter, options, cancellationToken)
            : error;
        if (!opened.TryGet(out var watch, out error))
        {
            await connection.DisposeAsync();
            return KvBroker.Refuse(error);
        }

        var answer = Answer.Of(
            new KvWatching(payload.Bucket, filter, watch.InitialPending),
            KvJson.Default.KvWatching,
            screen => screen.Say($"Watching {filter} of {payload.Bucket} · {watch.InitialPending} entries now · stop with Ctrl-C"));
        return answer with
        {
            Lines = payload.Raw ? _ => { } : null,
            Afterwards = async stop =>
            {
                await using (connection)
                await using (watch)
                {
                    await FollowAsync(watch, payload, call, stop);
                }
            },
        };
    }

    private static async Task FollowAsync(BucketWatch watch, KvWatchPayload payload, VerbCall call, CancellationToken stop)
    {
        var output = call.Context.Stdout;
        var left = payload.Limit ?? uint.MaxValue;
        try
        {
            while (left > 0 && await watch.ReadAsync(stop) is { } read)
            {
                left -= payload.Limit is null ? 0u : 1;
                var entry = KvEntry.Of(read);
                await output.WriteLineAsync(
                    payload.Raw ? entry.Shown
                    : call.Format == OutputFormat.Json ? JsonSerializer.Serialize(entry, KvJson.Default.KvEntry)
                    : $"{entry.Created:HH:mm:ss.fff}  {entry.Revision,8}  {entry.Operation,-6}  {entry.Key}  {entry.Shown}");
                await output.FlushAsync(stop);
            }
        }
        catch (OperationCanceledException)
        {
            // Interrupted: that is how it ends.
        }

        if (watch.Error is { } error)
        {
            await call.Context.Stderr.WriteLineAsync($"{call.Context.ProgramName}: the watch ended: {error.Message}");
        }
    }
}
