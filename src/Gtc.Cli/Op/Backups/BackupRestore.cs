using System.Text;
using System.Text.Json.Nodes;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Op.Backups;

/// <summary><c>gtc op backups restore</c>: goes back to a backup.</summary>
internal static class BackupRestore
{
    /// <summary>The verb.</summary>
    public static Verb<BackupIdPayload> Verb => new()
    {
        Noun = BackupsNoun.Name,
        Name = "restore",
        Purpose = "Make document, runtime and answers of an environment those of a backup",
        Remark = "It is a generation of its own, and is only done on the environment as it is now, or of --expect-generation. Trusted keys, signed policies, secrets and the audit log stay. An environment that ended comes back whole from its final backup, which `list` tells.",
        Examples = ["op backups restore prod --backup 01KAN0C2M5V8W6Y3T1R9QKXJ7H --store-url https://store.example:8787"],
        Payload = OpJson.Default.BackupIdPayload,
        Fields = [PayloadField.Environment, BackupsNoun.Backup, PayloadField.RetryKey],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(BackupIdPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!BackupsNoun.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var precondition = new JsonObject();
        if (call.Flags.ExpectedGeneration is { } expected)
        {
            precondition["expected_generation"] = expected;
        }
        else if ((await at.Server.ShowAsync(at.Environment, null, cancellationToken)).TryGet(out var shown, out refusal))
        {
            precondition["if_match"] = shown.Etag;
        }
        else if (refusal is Refusal.Missing)
        {
            // It ended, and is to come back from its final backup.
            precondition["expected_generation"] = 0;
        }
        else
        {
            return refusal;
        }

        var body = Encoding.UTF8.GetBytes(new JsonObject { ["backup_id"] = payload.BackupId, ["precondition"] = precondition }.ToJsonString());
        return (await BackupsNoun.ChangeAsync(call, payload.EnvironmentId, "restore", HttpMethod.Post, ["restore"], body, payload.IdempotencyKey, cancellationToken)).Then<Answer>(done =>
            BackupsNoun.Told(done.Result, _ => $"Environment {at.Environment} is that of backup {payload.BackupId}, as generation {done.Generation}."));
    }
}
