using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Op.Environments;

/// <summary><c>gtc op env compact</c>: gives up old generations.</summary>
internal static class EnvironmentCompact
{
    /// <summary>The verb.</summary>
    public static Verb<CompactPayload> Verb => new()
    {
        Noun = "env",
        Name = "compact",
        Purpose = "Give up old generations of an environment, to make room",
        Remark = "Nothing is given up by itself. Whole journal files go, so that more generations than asked for may stay. The audit log keeps its lines; idempotency keys of what goes are forgotten.",
        Examples = ["op env compact --keep 1000", "op env compact prod --keep 100"],
        Payload = OpJson.Default.CompactPayload,
        Fields = [PayloadField.Environment, new("keep", "how many of the newest generations must stay readable, at least 1", "--keep", "N")],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(CompactPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.OpenLocal(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        if (payload.Keep == 0)
        {
            var intent = OpStore.Intent(at.Environment, "env", "compact", ("environment_id", at.Environment.ToString()));
            return await at.RefuseAsync(intent, new Refusal.InvalidArgument("keep must be at least 1"), cancellationToken);
        }

        return (await at.Store.CompactAsync(at.Environment, payload.Keep, cancellationToken)).Then(done => (Outcome<Answer>)Answer.Of(
            new Compacted(at.Environment.ToString(), done.RemovedSegments, done.Oldest, done.Newest),
            OpJson.Default.Compacted,
            screen => screen.Say($"{done.RemovedSegments} journal files are removed; generations {done.Oldest} to {done.Newest} of environment {at.Environment} can be read.")));
    }
}

/// <summary>What <c>env compact</c> takes.</summary>
internal sealed record CompactPayload
{
    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>How many generations must stay.</summary>
    public required ulong Keep { get; init; }
}

/// <summary>What <c>env compact</c> answers.</summary>
internal sealed record Compacted(string EnvironmentId, int RemovedSegments, ulong OldestGeneration, ulong NewestGeneration);
