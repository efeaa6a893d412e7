using System.Text;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Nats;

namespace Gtc.Cli.Fleet.Nats;

/// <summary><c>gtc fleet nats kv put</c>.</summary>
internal static class KvPut
{
    /// <summary>The most that is read; brokers take 1 MiB by default.</summary>
    private const int MaxBytes = 8 * 1024 * 1024;

    /// <summary>The verb.</summary>
    public static Verb<KvPutPayload> Verb => new()
    {
        Noun = "kv",
        Name = "put",
        Purpose = "Give a key a value",
        Remark = "The fleet's own buckets are written by the operator and the devices; a value put by hand is taken for theirs.",
        Examples =
        [
            "fleet nats kv put scratch greeting hello",
            "fleet nats kv put scratch greeting --file value.json --expect-revision 7",
        ],
        Payload = KvJson.Default.KvPutPayload,
        Fields =
        [
            KvPayload.BucketField,
            KvPayload.KeyField,
            new("value", "the value as text", Position: "VALUE"),
            new("file", "a file with the value, or - for standard input", "--file", "FILE|-"),
            new("expect_revision", "write only if the key is at this revision; 0 for none yet", "--expect-revision", "N"),
            .. KvPayload.SharedFields,
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(KvPutPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await ValueAsync(payload, call, cancellationToken)).TryGet(out var value, out var refusal))
        {
            return refusal;
        }

        var put = await KvBroker.WithBucketAsync(
            payload,
            payload.Bucket,
            call,
            bucket => bucket.PutAsync(payload.Key, value, new BucketWrite { ExpectedRevision = payload.ExpectRevision }, cancellationToken).AsTask(),
            cancellationToken);
        return put.Then(revision => (Outcome<Answer>)Answer.Of(
            new KvWritten(payload.Bucket, payload.Key, revision), KvJson.Default.KvWritten, screen => screen.Say($"{payload.Bucket} {payload.Key} · revision {revision}")));
    }

    private static async Task<Outcome<byte[]>> ValueAsync(KvPutPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (payload.Value is null == payload.File is null)
        {
            return new Refusal.InvalidArgument("a value or --file was expected, and not both");
        }

        if (payload.Value is not null)
        {
            return Encoding.UTF8.GetBytes(payload.Value);
        }

        await using var source = payload.File == "-" ? call.Context.OpenStdin() : File.OpenRead(call.Context.PathOf(payload.File!));
        var buffer = new byte[MaxBytes + 1];
        var length = await source.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return length > MaxBytes ? new Refusal.InvalidArgument($"the value is larger than {Figures.Size(MaxBytes)}") : buffer[..length];
    }
}
