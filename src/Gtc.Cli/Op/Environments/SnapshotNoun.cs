using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json.Serialization;
using Gtc.Cli.Op.Revisions;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Environments;

/// <summary><c>gtc op env snapshot</c>: copies of an environment with its answers and secrets (store.md §6).</summary>
internal static class SnapshotNoun
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Copies of an environment's documents, answers and secrets, to go back to";

    private const string Noun = "env.snapshot";

    /// <summary>Builds the noun.</summary>
    public static Command Create(CliContext context, VerbFlags flags) => NounCommand.Create("snapshot", Purpose, context,
    [
        new("create", () => CreateVerb.Purpose, inner => CreateVerb.Create(inner, flags)),
        new("list", () => ListVerb.Purpose, inner => ListVerb.Create(inner, flags)),
        new("restore", () => RestoreVerb.Purpose, inner => RestoreVerb.Create(inner, flags)),
    ]);

    private static Verb<EnvironmentPayload> CreateVerb => new()
    {
        Noun = Noun,
        Name = "create",
        Purpose = "Copy an environment's documents, answers and secrets as they are",
        Remark = "The copy lies in snapshots/ in the environment's folder; secrets in it are encrypted as they were. Trusted keys, the audit log, policies and revisions are not in it.",
        Examples = ["op env snapshot create", "op env snapshot create staging"],
        Payload = OpJson.Default.EnvironmentPayload,
        Fields = [PayloadField.Environment],
        RunAsync = CreateAsync,
    };

    private static Verb<EnvironmentPayload> ListVerb => new()
    {
        Noun = Noun,
        Name = "list",
        Purpose = "List the snapshots of an environment, the oldest first",
        Examples = ["op env snapshot list"],
        Payload = OpJson.Default.EnvironmentPayload,
        Fields = [PayloadField.Environment],
        RunAsync = ListAsync,
    };

    private static Verb<RestoreSnapshotPayload> RestoreVerb => new()
    {
        Noun = Noun,
        Name = "restore",
        Purpose = "Make an environment what it was when a snapshot was made, secrets included",
        Remark = "It is a new generation, and what it replaces is kept in backups/. Trusted keys stay as they are. When it is cut short, do it again. Without secrets, op env restore goes back to any generation.",
        Examples = ["op env snapshot restore 01KAGHZ9ZQ4M6V0Z3W5T8Y2R1S"],
        Payload = OpJson.Default.RestoreSnapshotPayload,
        Fields =
        [
            new("snapshot_id", "the snapshot, or the beginning of its id", "--snapshot", "ID", "SNAPSHOT"),
            PayloadField.Environment with { Position = null },
            PayloadField.AuditKey,
        ],
        RunAsync = RestoreAsync,
    };

    private static async Task<Outcome<Answer>> CreateAsync(EnvironmentPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        WarnOfSecretsElsewhere(call);
        if (!OpStore.OpenLocal(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !(await Snapshots(at, call).CreateAsync(at.Environment, cancellationToken)).TryGet(out var made, out refusal))
        {
            return refusal;
        }

        var result = new SnapshotMade(at.Environment.ToString(), SnapshotShown.Of(made), call.Warnings);
        return Answer.Of(result, OpJson.Default.SnapshotMade, screen =>
        {
            screen.Say($"Snapshot {made.Id} of environment {at.Environment} holds {made.Files} files.");
            screen.Facts(("next", $"gtc op env snapshot restore {made.Id} --env {at.Environment}"));
        });
    }

    private static async Task<Outcome<Answer>> ListAsync(EnvironmentPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.OpenLocal(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !(await at.Store.LoadAsync(at.Environment, cancellationToken)).TryGet(out _, out refusal)
            || !(await Snapshots(at, call).ListAsync(at.Environment, cancellationToken)).TryGet(out var found, out refusal))
        {
            return refusal;
        }

        return Answer.Of(new SnapshotList(at.Environment.ToString(), [.. found.Select(SnapshotShown.Of)]), OpJson.Default.SnapshotList, screen => screen.Table(
            new(
                [new("snapshot"), new("made"), new("generation"), new("files", 1)],
                [.. found.Select(one => (ImmutableArray<string>)[one.Id.ToString(), screen.Ago(one.CreatedAt), $"{one.Generation}", $"{one.Files}"])]),
            $"Environment {at.Environment} has no snapshot."));
    }

    private static EnvironmentSnapshots Snapshots(LocalPlace at, VerbCall call) =>
        new(at.Store, (present, restored, change) => WarmGate.Routed(present, restored, change, call.Context.Variable));

    private static async Task<Outcome<Answer>> RestoreAsync(RestoreSnapshotPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        WarnOfSecretsElsewhere(call);
        if (!OpStore.OpenLocal(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !call.IdempotencyKey(payload.IdempotencyKey).TryGet(out var key, out refusal))
        {
            return refusal;
        }

        var snapshots = Snapshots(at, call);
        if (!(await FindAsync(snapshots, at, payload.SnapshotId, cancellationToken)).TryGet(out var id, out refusal))
        {
            var intent = OpStore.Intent(at.Environment, Noun, "restore", ("environment_id", at.Environment.ToString()), ("snapshot_id", payload.SnapshotId));
            return await at.RefuseAsync(intent with { IdempotencyKey = key }, refusal, cancellationToken);
        }

        return (await snapshots.RestoreAsync(at.Environment, id, key, cancellationToken)).Then(done => (Outcome<Answer>)Answer.Of(
            new SnapshotRestoredShown(at.Environment.ToString(), done.Id.ToString(), done.Generation, done.Restored, done.Removed, call.Warnings),
            OpJson.Default.SnapshotRestoredShown,
            screen => screen.Say($"Environment {at.Environment} is as it was in snapshot {done.Id}; that is generation {done.Generation} now. {done.Restored.Count} files were put back, {done.Removed.Count} removed.")));
    }

    private static async Task<Outcome<Ulid>> FindAsync(EnvironmentSnapshots snapshots, LocalPlace at, string given, CancellationToken cancellationToken)
    {
        if (Ulid.TryParse(given, out var exact))
        {
            return exact;
        }

        return (await snapshots.ListAsync(at.Environment, cancellationToken)).Then(found =>
            found.Where(one => given.Length > 0 && one.Id.ToString().StartsWith(given, StringComparison.OrdinalIgnoreCase)).ToList() switch
            {
                [] => new Refusal.Missing($"environment `{at.Environment}` has no snapshot `{given}`") { Next = $"gtc op env snapshot list {at.Environment}" },
                [var only] => only.Id,
                var many => (Outcome<Ulid>)new Refusal.InvalidArgument($"{many.Count} snapshots begin with `{given}`") { Details = [.. many.Take(10).Select(one => new RefusalDetail("snapshot", one.Id.ToString()))] },
            });
    }

    private static void WarnOfSecretsElsewhere(VerbCall call)
    {
        if (call.Context.Variable("GREENTIC_DEV_SECRETS_PATH") is { Length: > 0 } elsewhere)
        {
            call.Warn($"secrets in {elsewhere} are no part of snapshots");
        }
    }
}

/// <summary>What <c>env snapshot restore</c> takes.</summary>
internal sealed record RestoreSnapshotPayload
{
    /// <summary>The snapshot.</summary>
    public required string SnapshotId { get; init; }

    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>The caller's key.</summary>
    public string? IdempotencyKey { get; init; }
}

/// <summary>One snapshot.</summary>
internal sealed record SnapshotShown(string SnapshotId, string CreatedAt, ulong? Generation, int Files)
{
    public static SnapshotShown Of(SnapshotListing listing) => new(listing.Id.ToString(), Rfc3339Json.Format(listing.CreatedAt), listing.Generation, listing.Files);
}

/// <summary>What <c>env snapshot create</c> answers.</summary>
internal sealed record SnapshotMade(string EnvironmentId, SnapshotShown Snapshot, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Warnings);

/// <summary>What <c>env snapshot list</c> answers.</summary>
internal sealed record SnapshotList(string EnvironmentId, IReadOnlyList<SnapshotShown> Snapshots);

/// <summary>What <c>env snapshot restore</c> answers.</summary>
internal sealed record SnapshotRestoredShown(
    string EnvironmentId,
    string SnapshotId,
    ulong Generation,
    IReadOnlyList<string> Restored,
    IReadOnlyList<string> Removed,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Warnings);
