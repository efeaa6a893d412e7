using System.Collections.Immutable;
using System.CommandLine;
using Gtc.Cli.Op.Revisions;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Environments;

/// <summary><c>gtc op env backup</c>: what single files held before they were changed (store.md §3).</summary>
internal static class BackupNoun
{
    /// <summary>What it is.</summary>
    public const string Purpose = "What single files of an environment held before they were changed";

    private const string Noun = "env.backup";

    /// <summary>Builds the noun.</summary>
    public static Command Create(CliContext context, VerbFlags flags) => NounCommand.Create("backup", Purpose, context,
    [
        new("list", () => ListVerb.Purpose, inner => ListVerb.Create(inner, flags)),
        new("restore", () => RestoreVerb.Purpose, inner => RestoreVerb.Create(inner, flags)),
    ]);

    private static Verb<ListBackupsPayload> ListVerb => new()
    {
        Noun = Noun,
        Name = "list",
        Purpose = "List the backups of an environment's files, by file and time",
        Remark = $"The newest {EnvironmentFiles.DefaultBackupsPerFile} of each file are kept.",
        Examples = ["op env backup list", "op env backup list staging --file env-packs/deployer/answers.json"],
        Payload = OpJson.Default.ListBackupsPayload,
        Fields = [PayloadField.Environment, new("file", "only those of this file, relative to the environment's folder", "--file", "FILE")],
        RunAsync = ListAsync,
    };

    private static Verb<RestoreBackupPayload> RestoreVerb => new()
    {
        Noun = Noun,
        Name = "restore",
        Purpose = "Put environment.json or the answers of an env-pack back from a backup",
        Remark = "environment.json becomes a new generation. Keys, signed policies and files that are made from others are not put back.",
        Examples = ["op env backup restore environment.json.20261120T140203.000000000Z.bak"],
        Payload = OpJson.Default.RestoreBackupPayload,
        Fields =
        [
            new("backup", "its name as listed", "--backup", "NAME", "BACKUP"),
            PayloadField.Environment with { Position = null },
            PayloadField.AuditKey,
        ],
        RunAsync = RestoreAsync,
    };

    private static async Task<Outcome<Answer>> ListAsync(ListBackupsPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.OpenLocal(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        // Its document may be broken: then the backups are what is looked for.
        if (!await at.Store.ExistsAsync(at.Environment, cancellationToken))
        {
            return new Refusal.Missing($"environment `{at.Environment}` does not exist") { Next = "gtc op env list" };
        }

        if (!(await Backups(at, call).ListAsync(at.Environment, payload.File, cancellationToken)).TryGet(out var found, out refusal))
        {
            return refusal;
        }

        var result = new BackupList(at.Environment.ToString(), [.. found.Select(one => new BackupShown(one.Name, one.File, Rfc3339Json.Format(one.KeptAt), (ulong)one.Bytes))]);
        return Answer.Of(result, OpJson.Default.BackupList, screen => screen.Table(
            new(
                [new("backup"), new("kept"), new("bytes", 1)],
                [.. found.Select(one => (ImmutableArray<string>)[one.Name, screen.Ago(one.KeptAt), $"{one.Bytes}"])]),
            $"Environment {at.Environment} has no backup."));
    }

    private static EnvironmentBackups Backups(LocalPlace at, VerbCall call) =>
        new(at.Store, (present, restored, change) => WarmGate.Routed(present, restored, change, call.Context.Variable));

    private static async Task<Outcome<Answer>> RestoreAsync(RestoreBackupPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.OpenLocal(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !call.IdempotencyKey(payload.IdempotencyKey).TryGet(out var key, out refusal)
            || !(await Backups(at, call).RestoreAsync(at.Environment, payload.Backup, key, cancellationToken)).TryGet(out var generation, out refusal))
        {
            return refusal;
        }

        return Answer.Of(new BackupRestored(at.Environment.ToString(), payload.Backup, generation), OpJson.Default.BackupRestored, screen =>
            screen.Say($"{payload.Backup} is put back; environment {at.Environment} is at generation {generation}."));
    }
}

/// <summary>What <c>env backup list</c> takes.</summary>
internal sealed record ListBackupsPayload
{
    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>Only those of this file.</summary>
    public string? File { get; init; }
}

/// <summary>What <c>env backup restore</c> takes.</summary>
internal sealed record RestoreBackupPayload
{
    /// <summary>The backup.</summary>
    public required string Backup { get; init; }

    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>The caller's key.</summary>
    public string? IdempotencyKey { get; init; }
}

/// <summary>One backup.</summary>
internal sealed record BackupShown(string Backup, string File, string KeptAt, ulong Bytes);

/// <summary>What <c>env backup list</c> answers.</summary>
internal sealed record BackupList(string EnvironmentId, IReadOnlyList<BackupShown> Backups);

/// <summary>What <c>env backup restore</c> answers.</summary>
internal sealed record BackupRestored(string EnvironmentId, string Backup, ulong Generation);
