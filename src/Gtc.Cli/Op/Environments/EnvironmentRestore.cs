using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Environments;

/// <summary><c>gtc op env restore</c>: an earlier generation becomes the newest one.</summary>
internal static class EnvironmentRestore
{
    /// <summary>The verb.</summary>
    public static Verb<RestorePayload> Verb => new()
    {
        Noun = "env",
        Name = "restore",
        Purpose = "Make an earlier generation of an environment the newest one",
        Remark = "Secrets and trusted keys stay as they are: a key that was removed does not come back.",
        Examples = ["op env restore --to 3", "op env restore staging --to 3 --expected 5"],
        Payload = OpJson.Default.RestorePayload,
        Fields =
        [
            PayloadField.Environment,
            new("to", "the generation to go back to", "--to", "GENERATION"),
            new("expected", "the generation that you saw; refused when the environment has moved on", "--expected", "GENERATION"),
            PayloadField.AuditKey,
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(RestorePayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !call.IdempotencyKey(payload.IdempotencyKey).TryGet(out var key, out refusal)
            || !(await at.RestoreAsync(payload.To, payload.Expected, key, cancellationToken)).TryGet(out var generation, out refusal))
        {
            return refusal;
        }

        return Answer.Of(new Restored(at.Environment.ToString(), payload.To, generation), OpJson.Default.Restored, screen =>
            screen.Say($"Environment {at.Environment} is as it was at generation {payload.To}; that is generation {generation} now."));
    }
}
