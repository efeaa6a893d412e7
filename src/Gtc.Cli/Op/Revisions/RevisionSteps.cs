using Gtc.Cli.Op.Clusters;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.Revisions;

/// <summary>The verbs that take a revision on through its life: <c>drain</c>, <c>archive</c> and <c>retry</c>. They change the store, and the cluster only when asked.</summary>
internal static class RevisionSteps
{
    private static readonly PayloadField Revision = new("revision_id", "the revision, or a prefix of its id", "--revision", "ID");

    /// <summary>Ready to draining.</summary>
    public static Verb<RevisionPayload> Drain => new()
    {
        Noun = "revisions",
        Name = "drain",
        Purpose = "Drain a revision: it takes no new traffic and finishes what it has",
        Remark = "Only a ready revision drains. A split that names it keeps its shares; `traffic set` moves them.",
        Examples = ["op revisions drain --revision 01J97Q", "op revisions drain prod revision_id=01J97Q"],
        Payload = OpJson.Default.RevisionPayload,
        Fields = [PayloadField.Environment, Revision, ThenReconcile.Field, PayloadField.RetryKey],
        RunAsync = (payload, call, cancellationToken) => RunAsync("drain", payload, call, (document, id) => RevisionVerbs.Drain(document, id), cancellationToken),
    };

    /// <summary>Failed to staged.</summary>
    public static Verb<RevisionPayload> Retry => new()
    {
        Noun = "revisions",
        Name = "retry",
        Purpose = "Put a failed revision back to staged, so that it can be warmed again",
        Examples = ["op revisions retry --revision 01J97Q", "op revisions retry prod revision_id=01J97Q"],
        Payload = OpJson.Default.RevisionPayload,
        Fields = [PayloadField.Environment, Revision, ThenReconcile.Field, PayloadField.RetryKey],
        RunAsync = (payload, call, cancellationToken) => RunAsync("retry", payload, call, (document, id) => RevisionVerbs.Retry(document, id), cancellationToken),
    };

    /// <summary>Anything to archived.</summary>
    public static Verb<ArchivePayload> Archive => new()
    {
        Noun = "revisions",
        Name = "archive",
        Purpose = "End a revision's life; it is never served again",
        Remark = "Refused while a split names the revision. With --force the deployment's traffic is cleared first, as long as no other revision carries any, and a ready revision is drained on the way.\n"
            + "Its folder stays until `revisions gc`.",
        Examples = ["op revisions archive --revision 01J97Q", "op revisions archive prod revision_id=01J97Q --force"],
        Payload = OpJson.Default.ArchivePayload,
        Fields =
        [
            PayloadField.Environment,
            Revision,
            new("force", "clear the deployment's traffic and drain the revision first", "--force"),
            new("updated_by", "who clears the traffic; `operator` when not given", "--updated-by", "NAME"),
            ThenReconcile.Field,
            PayloadField.RetryKey,
        ],
        RunAsync = ArchiveAsync,
    };

    private static async Task<Outcome<Answer>> ArchiveAsync(ArchivePayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var done = await RepeatableChange.RunAsync(
            call,
            payload.EnvironmentId,
            ("revisions", "archive"),
            [("revision_id", payload.RevisionId)],
            payload.IdempotencyKey,
            RepeatableChange.Request(payload, OpJson.Default.ArchivePayload),
            OpJson.Default.RevisionSummary,
            (document, change, key) => Choice.Revision(document, payload.RevisionId).Then(revision => payload.Force
                ? ForcedArchive.Of(document, new(revision.RevisionId, payload.UpdatedBy ?? "operator", key), change.Now).Then(Mutation)
                : RevisionVerbs.Archive(document, revision.RevisionId).Then(Mutation)),
            new(
                (document, _) => Choice.Revision(document, payload.RevisionId).Then<WireRequest>(revision => payload.Force
                    ? WireRequest.With(HttpMethod.Post, ContractJson.Default.ForceArchiveBody, new ForceArchiveBody(payload.UpdatedBy ?? "operator"), "revisions", revision.RevisionId.ToString(), "force-archive")
                    : WireRequest.Bare(HttpMethod.Post, "revisions", revision.RevisionId.ToString(), "archive")),
                answer => RevisionSummary.Of(answer.Revision)),
            cancellationToken);
        return await ThenReconcile.RunAsync(done.Then(Shown), payload.Reconcile, payload.EnvironmentId, call, cancellationToken);
    }

    private static async Task<Outcome<Answer>> RunAsync(
        string verb, RevisionPayload payload, VerbCall call, Func<EnvironmentDocument, RevisionId, Outcome<WalkedRevision>> walk, CancellationToken cancellationToken)
    {
        var done = await RepeatableChange.RunAsync(
            call,
            payload.EnvironmentId,
            ("revisions", verb),
            [("revision_id", payload.RevisionId)],
            payload.IdempotencyKey,
            RepeatableChange.Request(payload, OpJson.Default.RevisionPayload),
            OpJson.Default.RevisionSummary,
            (document, _, _) => Choice.Revision(document, payload.RevisionId).Then(revision => walk(document, revision.RevisionId)).Then(Mutation),
            new(
                (document, _) => Choice.Revision(document, payload.RevisionId).Then<WireRequest>(revision => WireRequest.Bare(HttpMethod.Post, "revisions", revision.RevisionId.ToString(), verb)),
                answer => RevisionSummary.Of(answer.Revision)),
            cancellationToken);
        return await ThenReconcile.RunAsync(done.Then(Shown), payload.Reconcile, payload.EnvironmentId, call, cancellationToken);
    }

    private static Outcome<Mutation<RevisionSummary>> Mutation(WalkedRevision walked) => new Mutation<RevisionSummary>(RevisionSummary.Of(walked.Revision))
    {
        // A revision that was there already is no change of the environment.
        Document = walked.StartingLifecycle == walked.Revision.Lifecycle ? null : walked.Document,
        RefreshesRuntimeConfig = true,
        Target = OpStore.Target(("revision_id", walked.Revision.RevisionId.ToString()), ("deployment_id", walked.Revision.DeploymentId.ToString())),
    };

    private static Outcome<Mutation<RevisionSummary>> Mutation(ForcedArchive archived) => Mutation(archived.Walked).Then(mutation => (Outcome<Mutation<RevisionSummary>>)(mutation with
    {
        PreviousGeneration = archived.Dial?.PreviousGeneration,
        NewGeneration = archived.Dial?.NewGeneration,
    }));

    private static Outcome<Answer> Shown(RevisionSummary summary) => Answer.Of(summary, OpJson.Default.RevisionSummary, screen =>
    {
        screen.Say($"Revision {summary.RevisionId} of {summary.BundleId} is {RevisionVerbs.Text(summary.Lifecycle)}.");
        screen.Facts(("next", summary.Lifecycle switch
        {
            RevisionLifecycle.Draining => $"gtc op revisions archive --revision {summary.RevisionId}",
            RevisionLifecycle.Staged => $"gtc op revisions warm --revision {summary.RevisionId}",
            RevisionLifecycle.Archived => "gtc op revisions gc --keep 3",
            _ => null,
        }));
    });
}
