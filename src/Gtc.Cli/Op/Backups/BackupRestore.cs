using System.Text;
using System.Text.Json.Nodes;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

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
        Remark = "It is a generation of its own, and is only done on the environment as it is now, or of --expect-generation or --if-match. Trusted keys, signed policies, secrets and the audit log stay. An environment that ended comes back whole from its final backup, which `list` tells.",
        Examples = ["op backups restore prod --backup 01KAN0C2M5V8W6Y3T1R9QKXJ7H --store-url https://store.example:8787"],
        Payload = OpJson.Default.BackupIdPayload,
        Fields = [PayloadField.Environment, BackupsNoun.Backup, PayloadField.RetryKey],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(BackupIdPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!BackupsNoun.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !(await PreconditionAsync(at.Environment, at.Server, call, cancellationToken)).TryGet(out var precondition, out refusal))
        {
            return refusal;
        }

        var body = Encoding.UTF8.GetBytes(new JsonObject { ["backup_id"] = payload.BackupId, ["precondition"] = precondition }.ToJsonString());
        return (await BackupsNoun.AskAsync(call, payload.EnvironmentId, "restore", HttpMethod.Post, ["restore"], body, payload.IdempotencyKey, cancellationToken)).Then<Answer>(done =>
            BackupsNoun.Told(done.Result, _ => $"Environment {at.Environment} is that of backup {payload.BackupId}, as generation {done.Generation}."));
    }

    /// <summary>What the environment must be: what the caller saw; else what it is now.</summary>
    private static async Task<Outcome<JsonObject>> PreconditionAsync(EnvId environment, RemoteStore server, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Etag(call.Flags.ExpectedEtag).TryGet(out var tag, out var refusal))
        {
            return refusal;
        }

        var seen = new JsonObject();
        if (tag is not null)
        {
            seen["if_match"] = tag;
        }

        if (call.Flags.ExpectedGeneration is { } expected)
        {
            seen["expected_generation"] = expected;
        }

        if (seen.Count > 0)
        {
            return seen;
        }

        // One that ended is at generation 0 until it comes back from its final backup.
        return (await server.ShowAsync(environment, null, cancellationToken)).TryGet(out var shown, out refusal) ? new JsonObject { ["if_match"] = shown.Etag }
            : refusal is Refusal.Missing ? new JsonObject { ["expected_generation"] = 0 }
            : refusal;
    }
}
