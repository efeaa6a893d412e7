using System.Collections.Immutable;
using Gtc.Artifacts.Materialisation;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Revisions;

/// <summary><c>gtc op revisions gc</c>: forget archived revisions and delete the folders that nobody needs.</summary>
internal static class RevisionCollect
{
    /// <summary>The verb.</summary>
    public static Verb<CollectPayload> Verb => new()
    {
        Noun = "revisions",
        Name = "gc",
        Purpose = "Forget archived revisions beyond the newest few, and delete folders that no revision needs",
        Remark = "Without --keep the environment's own retention.keep_revisions counts; when that is unset too, every archived revision is kept and only folders without a revision go.\n"
            + "A deployment's newest revision is never forgotten, so that its number is not given twice. What an interrupted run left is deleted by the next one.",
        Examples = ["op revisions gc --keep 3", "op revisions gc prod --keep 0 --dry-run"],
        Payload = OpJson.Default.CollectPayload,
        Fields =
        [
            PayloadField.Environment,
            new("keep", "how many archived revisions of each deployment to keep; what the environment says when not given", "--keep", "N"),
            new("dry_run", "say what would go and change nothing", "--dry-run"),
            PayloadField.RetryKey,
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(CollectPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.OpenLocal(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        if (payload.DryRun)
        {
            return (await at.Store.LoadAsync(at.Environment, cancellationToken))
                .Then(document => Plan(document, payload, at.Layout)).Then(plan => Shown(plan.Result, null));
        }

        return await CollectAsync(at, payload, call, cancellationToken);
    }

    private static async Task<Outcome<Answer>> CollectAsync(LocalPlace at, CollectPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var intent = OpStore.Intent(at.Environment, "revisions", "gc", ("environment_id", at.Environment.ToString()));
        if (!await at.Store.ExistsAsync(at.Environment, cancellationToken))
        {
            // Before the lock: taking it would make a folder for an environment that there is not.
            return await at.RefuseAsync(intent, OpStore.Missing(at.Environment), cancellationToken);
        }

        // Held until the folders are gone: whoever stages holds it until the revision stands, so a folder without a revision is nobody's.
        if (!(await at.Store.TakeMaterialisationLockAsync(at.Environment, cancellationToken)).TryGet(out var held, out var refusal))
        {
            return await at.RefuseAsync(intent, refusal, cancellationToken);
        }

        using (held)
        {
            var done = await RepeatableChange.RunAsync(
                at,
                intent,
                payload.IdempotencyKey,
                RepeatableChange.Request(payload, OpJson.Default.CollectPayload),
                call,
                OpJson.Default.CollectedRevisions,
                (change, _) => change.Required(at.Environment).Then(document => Plan(document, payload, at.Layout)).Then(Mutation),
                cancellationToken);
            if (!done.TryGet(out var collected, out refusal)
                || !(await at.Store.LoadAsync(at.Environment, CancellationToken.None)).TryGet(out var document, out refusal))
            {
                return refusal;
            }

            return Shown(collected, Delete(collected, document, at.Layout));
        }
    }

    private static Outcome<Mutation<CollectedRevisions>> Mutation(Collection plan) => new Mutation<CollectedRevisions>(plan.Result)
    {
        Document = plan.Result.RemovedRevisionIds.Count == 0 ? null : plan.Document,
    };

    private static Outcome<Collection> Plan(EnvironmentDocument document, CollectPayload payload, EnvironmentLayout layout) =>
        RevisionRetention.Prune(document, payload.Keep).Then<Collection>(pruned =>
        {
            var needed = pruned.Document.Revisions.Except(pruned.Spent).Select(revision => revision.RevisionId).ToHashSet();
            var folders = RevisionFolders.List(layout.Folder).Where(id => !needed.Contains(id)).ToImmutableArray();
            return new Collection(pruned.Document, new CollectedRevisions
            {
                EnvironmentId = document.EnvironmentId.ToString(),
                Keep = payload.Keep ?? document.Retention.KeepRevisions,
                DryRun = payload.DryRun,
                RemovedRevisionIds = [.. pruned.Removed.Select(revision => revision.RevisionId.ToString())],
                DeletedFolders = [.. folders.Select(id => id.ToString())],
                FreedBytes = folders.Sum(id => RevisionFolders.Size(layout.Folder, id)),
            });
        });

    /// <summary>Deletes what was promised and is still nobody's: on a retry, a revision may have been staged under one of the ids since.</summary>
    /// <returns>Why not all of it is gone, or null.</returns>
    private static string? Delete(CollectedRevisions collected, EnvironmentDocument document, EnvironmentLayout layout)
    {
        try
        {
            RevisionFolders.Recover(layout.Folder);
            var living = document.Revisions.Where(revision => revision.Lifecycle != RevisionLifecycle.Archived).Select(revision => revision.RevisionId).ToHashSet();
            foreach (var text in collected.DeletedFolders)
            {
                if (RevisionId.TryParse(text, out var id) && !living.Contains(id))
                {
                    RevisionFolders.Remove(layout.Folder, id);
                }
            }

            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return error.Message;
        }
    }

    private static Outcome<Answer> Shown(CollectedRevisions collected, string? undeleted)
    {
        if (undeleted is not null)
        {
            return new Refusal.FileFailed($"{Figures.Count(collected.RemovedRevisionIds.Count, "revision")} forgotten, but not every folder could be deleted: {undeleted.TrimEnd('.')}")
            {
                Next = $"gtc op revisions gc {collected.EnvironmentId}",
            };
        }

        return Answer.Of(collected, OpJson.Default.CollectedRevisions, screen =>
        {
            var would = collected.DryRun ? "would be " : "";
            screen.Say($"{Figures.Count(collected.RemovedRevisionIds.Count, "revision")} {would}forgotten, {Figures.Count(collected.DeletedFolders.Count, "folder")} {would}deleted, {Figures.Size(collected.FreedBytes)} {would}freed.");
            screen.Facts(
                ("kept", collected.Keep switch
                {
                    null => "every archived revision; --keep N keeps fewer",
                    0 => "no archived revision, but each deployment's newest for its number",
                    1 => "the newest archived revision of each deployment",
                    { } keep => $"the newest {keep} archived revisions of each deployment",
                }),
                ("next", collected.DryRun ? $"gtc op revisions gc {collected.EnvironmentId}{(collected.Keep is { } most ? $" --keep {most}" : "")}" : null));
        });
    }

    private sealed record Collection(EnvironmentDocument Document, CollectedRevisions Result);
}
