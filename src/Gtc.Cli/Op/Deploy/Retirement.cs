using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Deploy;

/// <summary>Takes revisions that no longer get traffic to their end: drain, wait for the drain window, archive.</summary>
internal static class Retirement
{
    /// <summary>Retires them; those that are archived already are left alone. When the wait is interrupted they stay draining.</summary>
    /// <returns>The ids that are archived now.</returns>
    public static async Task<Outcome<IReadOnlyList<string>>> RunAsync(OpPlace at, IReadOnlyList<string> revisions, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await at.LoadAsync(cancellationToken)).TryGet(out var document, out var refusal))
        {
            return refusal;
        }

        var live = document.Revisions.Where(revision => revisions.Contains(revision.RevisionId.ToString()) && revision.Lifecycle != RevisionLifecycle.Archived).ToList();
        foreach (var revision in live.Where(revision => revision.Lifecycle == RevisionLifecycle.Ready))
        {
            if (await WalkAsync(at, "drain", revision.RevisionId, RevisionVerbs.Drain, call, cancellationToken) is { } undrained)
            {
                return undrained;
            }
        }

        if (live.Count > 0)
        {
            await Task.Delay(TimeSpan.FromSeconds(live.Max(revision => revision.DrainSeconds)), call.Context.Time, cancellationToken);
        }

        foreach (var revision in live)
        {
            if (await WalkAsync(at, "archive", revision.RevisionId, RevisionVerbs.Archive, call, cancellationToken) is { } kept)
            {
                return kept;
            }
        }

        return live.ConvertAll(revision => revision.RevisionId.ToString());
    }

    private static async Task<Refusal?> WalkAsync(
        OpPlace at, string verb, RevisionId id, Func<EnvironmentDocument, RevisionId, Outcome<WalkedRevision>> walk, VerbCall call, CancellationToken cancellationToken)
    {
        var walked = await at.ChangeAsync(
            new OpChange<bool>(OpStore.Intent(at.Environment, "revisions", verb, ("revision_id", id.ToString())) with { IdempotencyKey = call.NewUlid().ToString() })
            {
                OnFiles = change => change.Required(at.Environment).Then(document => walk(document, id)).Then(done =>
                    (Outcome<Mutation<bool>>)new Mutation<bool>(true) { Document = done.Document, RefreshesRuntimeConfig = true }),
                Ask = found => OpStore.Required(found, at.Environment).Then<WireRequest>(_ => WireRequest.Bare(HttpMethod.Post, "revisions", id.ToString(), verb)),
                FromWire = _ => true,
            },
            cancellationToken);
        return walked.Refusal;
    }
}
