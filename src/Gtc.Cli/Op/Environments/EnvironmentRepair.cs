using System.Collections.Immutable;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Environments;

/// <summary><c>gtc op env repair</c>: looks at the journal and at routed revisions whose files are gone, and mends both when it is told to (op-cli.md §5.4).</summary>
internal static class EnvironmentRepair
{
    /// <summary>The verb.</summary>
    public static Verb<RepairPayload> Verb => new()
    {
        Noun = "env",
        Name = "repair",
        Purpose = "Look for a damaged journal and for routed revisions whose files are gone, and mend them",
        Remark = "Without --apply nothing is changed. A damaged part of the journal is set aside; a revision that is gone leaves every split, the others keep their proportions, and it is archived.",
        Examples = ["op env repair", "op env repair local --apply"],
        Payload = OpJson.Default.RepairPayload,
        Fields = [PayloadField.Environment, new("check", "only look; so it is without --apply", "--check"), new("apply", "mend what was found", "--apply")],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(RepairPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (payload is { Check: true, Apply: true })
        {
            return new Refusal.InvalidArgument("check and apply exclude each other");
        }

        if (!OpStore.OpenLocal(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !(await at.Store.RepairJournalAsync(at.Environment, payload.Apply, cancellationToken)).TryGet(out var journal, out refusal)
            || !(await StaleAsync(at, journal, payload.Apply, cancellationToken)).TryGet(out var stale, out refusal))
        {
            return refusal;
        }

        var isMended = journal.IsRepaired || (payload.Apply && !stale.Found.IsEmpty);
        var result = new RepairResult(
            at.Environment.ToString(),
            payload.Apply ? "apply" : "check",
            journal.Findings,
            [.. stale.Found.Select(Shown)],
            isMended,
            Detail(at.Environment, journal, stale, isMended),
            Math.Max(journal.Generation, stale.Generation));
        return Answer.Of(result, OpJson.Default.RepairResult, screen => Show(result, screen));
    }

    private static async Task<Outcome<Stale>> StaleAsync(LocalPlace at, JournalRepair journal, bool apply, CancellationToken cancellationToken)
    {
        if (!apply)
        {
            // A damaged journal may keep the document from being read; that finding comes first.
            return !(await at.Store.LoadAsync(at.Environment, cancellationToken)).TryGet(out var document, out var unreadable)
                ? journal.Findings.IsEmpty ? unreadable : new Stale([], 0)
                : StaleRevisionScan.Find(at.Store.Files(at.Environment), document).Then<Stale>(found => new Stale(found, document.EnvGeneration ?? 0));
        }

        var intent = OpStore.Intent(at.Environment, "env", "repair", ("environment_id", at.Environment.ToString()));
        return await at.Store.MutateAsync<Stale>(intent, change => change.Required(at.Environment).Then(document =>
            StaleRevisionScan.Find(change.Files, document).Then(found => found.IsEmpty
                ? new Mutation<Stale>(new Stale(found, change.Generation)) { RefreshesRuntimeConfig = true }
                : StaleRevisions.Drop(document, [.. found.Select(stale => stale.Revision.RevisionId)], "env repair", change.Now)
                    .Then(mended => (Outcome<Mutation<Stale>>)new Mutation<Stale>(new Stale(found, change.NextGeneration)) { Document = mended, RefreshesRuntimeConfig = true }))),
            cancellationToken);
    }

    private static string Detail(EnvId environment, JournalRepair journal, Stale stale, bool isMended) => (journal.Findings.Length, stale.Found.Length) switch
    {
        (0, 0) => $"environment {environment} is sound",
        var (damage, gone) => $"{damage} findings in the journal, {gone} routed revisions without their files; {(isMended ? "mended" : "nothing was changed")}",
    };

    private static StaleRevisionShown Shown(StaleRevision stale) => new(
        stale.Revision.DeploymentId.ToString(),
        stale.Revision.RevisionId.ToString(),
        stale.Revision.BundleId,
        stale.Revision.PackListLockRef,
        stale.ExpectedPath,
        "its pack list is gone, and there is no source to pull it from",
        "gtc op env repair --apply takes it out of every split and archives it");

    private static void Show(RepairResult result, Screen screen)
    {
        foreach (var finding in result.Findings.Concat(result.StaleRevisions.Select(stale => $"revision {stale.RevisionId} of {stale.BundleId}: {stale.Detail} ({stale.ExpectedPath})")))
        {
            screen.Say($"  {finding}");
        }

        var next = result.Repaired || (result.Findings.Count == 0 && result.StaleRevisions.Count == 0) ? "" : $". Mend it:  gtc op env repair {result.EnvironmentId} --apply";
        screen.Say($"{char.ToUpperInvariant(result.Detail[0])}{result.Detail[1..]}; generation {result.Generation}{next}");
    }

    private sealed record Stale(ImmutableArray<StaleRevision> Found, ulong Generation);
}

/// <summary>The payload of <c>env repair</c>.</summary>
internal sealed record RepairPayload
{
    public string? EnvironmentId { get; init; }

    public bool Check { get; init; }

    public bool Apply { get; init; }
}

/// <summary>What <c>env repair</c> answers.</summary>
internal sealed record RepairResult(
    string EnvironmentId,
    string Mode,
    IReadOnlyList<string> Findings,
    IReadOnlyList<StaleRevisionShown> StaleRevisions,
    bool Repaired,
    string Detail,
    ulong Generation);

/// <summary>A routed revision whose files are gone.</summary>
internal sealed record StaleRevisionShown(
    string DeploymentId, string RevisionId, string BundleId, string RecordedPackListLockRef, string ExpectedPath, string Detail, string Fix);
