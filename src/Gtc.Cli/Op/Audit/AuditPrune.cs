using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Op.Audit;

/// <summary><c>gtc op audit prune</c>: takes old lines out of an audit log so that the rest can still be verified.</summary>
internal static class AuditPrune
{
    /// <summary>The verb.</summary>
    public static Verb<PrunePayload> Verb => new()
    {
        Noun = "audit",
        Name = "prune",
        Purpose = "Take old lines out of an environment's audit log",
        Remark = "A line that records it vouches for the ones that stay. With --archive the old lines go to a file: gtc audit verify checks both together. The journal keeps them until op env compact.",
        Examples = ["op audit prune --keep-days 365", "op audit prune prod --keep-days 90 --archive prod-audit-2026.jsonl"],
        Payload = OpJson.Default.PrunePayload,
        Fields =
        [
            PayloadField.Environment,
            new("keep_days", "for how many days lines stay; retention.audit_retention_days of the environment when not given", "--keep-days", "DAYS"),
            new("archive", "a new file for the lines that are taken out", "--archive", "FILE"),
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(PrunePayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var archive = payload.Archive is { Length: > 0 } given ? call.Context.PathOf(given) : null;
        if (!OpStore.OpenLocal(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !(await at.Store.PruneAuditAsync(at.Environment, payload.KeepDays, archive, cancellationToken)).TryGet(out var done, out refusal))
        {
            return refusal;
        }

        return Answer.Of(new Pruned(at.Environment.ToString(), done.RemovedLines, done.Archive), OpJson.Default.Pruned, screen =>
            screen.Say($"{done.RemovedLines} lines are taken out of the audit log of environment {at.Environment}{(done.Archive is null ? "" : $"; they are in {done.Archive}")}."));
    }
}

/// <summary>What <c>audit prune</c> takes.</summary>
internal sealed record PrunePayload
{
    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>For how many days lines stay.</summary>
    public uint? KeepDays { get; init; }

    /// <summary>Where old lines go.</summary>
    public string? Archive { get; init; }
}

/// <summary>What <c>audit prune</c> answers.</summary>
internal sealed record Pruned(string EnvironmentId, int RemovedLines, string? Archive);
