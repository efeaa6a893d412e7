using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Nats;

namespace Gtc.Cli.Fleet.Nats;

/// <summary><c>gtc fleet nats kv get</c>.</summary>
internal static class KvGet
{
    /// <summary>The verb.</summary>
    public static Verb<KvGetPayload> Verb => new()
    {
        Noun = "kv",
        Name = "get",
        Purpose = "Show the value of a key",
        Examples = ["fleet nats kv get device-state state.pi-1.web", "fleet nats kv get desired-state pi-1._manifest --raw"],
        Payload = KvJson.Default.KvGetPayload,
        Fields =
        [
            KvPayload.BucketField,
            KvPayload.KeyField,
            new("revision", "an earlier revision that is still kept; the last when not given", "--revision", "N"),
            new("raw", "print the value and nothing else", "--raw"),
            .. KvPayload.SharedFields,
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(KvGetPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var got = await KvBroker.WithBucketAsync(
            payload,
            payload.Bucket,
            call,
            bucket => payload.Revision is { } revision ? bucket.GetAsync(payload.Key, revision, cancellationToken) : bucket.GetAsync(payload.Key, cancellationToken),
            cancellationToken);
        return got.Then(entry => Shown(KvEntry.Of(entry), payload, call));
    }

    private static Outcome<Answer> Shown(KvEntry entry, KvGetPayload payload, VerbCall call)
    {
        var answer = Answer.Of(entry, KvJson.Default.KvEntry, screen =>
        {
            screen.Say($"{payload.Bucket} {entry.Key} · revision {entry.Revision} · {entry.Operation} {screen.Ago(entry.Created)}");
            screen.Say(entry.Shown);
        });
        if (!payload.Raw)
        {
            return answer;
        }

        return entry.Value is { } value
            ? answer with { Lines = writer => writer.Write(value) }
            : new Refusal.Conflict($"`{entry.Key}` has no text at revision {entry.Revision}: --raw prints text only")
            {
                Next = $"{call.Context.ProgramName} fleet nats kv get {payload.Bucket} {entry.Key} --format json",
            };
    }
}
