using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>The verbs on revisions.</summary>
internal static class RevisionRoutes
{
    private const string Revisions = "/environments/{env_id}/revisions";
    private const string One = Revisions + "/{revision_id}";

    /// <summary>The routes.</summary>
    public static IReadOnlyList<ChangeRoute> All { get; } =
    [
        ChangeRoute.With("POST", Revisions, "revisions", "stage", "Adds a revision of a bundle", ContractJson.Default.StageBody, Stage),
        ChangeRoute.With("POST", One + "/warm", "revisions", "warm", "Makes a staged revision ready, or failed when the gate failed", ContractJson.Default.WarmBody, Warm),
        ChangeRoute.Bare("POST", One + "/drain", "revisions", "drain", "Takes a ready revision out of admission", asked => Walk(asked, RevisionLifecycle.Draining, RevisionVerbs.Drain)),
        ChangeRoute.Bare("POST", One + "/complete-drain", "revisions", "complete-drain", "Ends a drain", asked => Walk(asked, RevisionLifecycle.Inactive, RevisionVerbs.CompleteDrain)),
        ChangeRoute.Bare("POST", One + "/retry", "revisions", "retry", "Puts a failed revision back to staged", asked => Walk(asked, RevisionLifecycle.Staged, RevisionVerbs.Retry)),
        ChangeRoute.Bare("POST", One + "/archive", "revisions", "archive", "Ends a revision that no split names", asked => Walk(asked, RevisionLifecycle.Archived, RevisionVerbs.Archive)),
        ChangeRoute.With("POST", One + "/force-archive", "revisions", "force-archive", "Clears the dial that names it alone, drains and ends a revision", ContractJson.Default.ForceArchiveBody, ForceArchive),
    ];

    private static Outcome<Planned> Stage(Asked asked, StageBody body)
    {
        var command = new StageRevision
        {
            RevisionId = body.RevisionId,
            DeploymentId = body.DeploymentId,
            BundleDigest = body.BundleDigest,
            BundleSourceUri = body.BundleSourceUri,
            PackList = body.PackList,
            PackListLockRef = body.PackListLockRef,
            PackConfigRefs = body.PackConfigRefs,
            ConfigDigest = body.ConfigDigest,
            SignatureSidecarRef = body.SignatureSidecarRef,
            DrainSeconds = body.DrainSeconds,
        };
        var target = Wire.Target(asked.Environment, ("revision_id", body.RevisionId.ToString()), ("deployment_id", body.DeploymentId.ToString()), ("lifecycle_to", "staged"));
        return new Planned(target, context => RevisionVerbs.Stage(context.Present, command, context.Now)
            .Then(result => Revocations.Sign(asked.OperatorKey, context, result.Document, result.Staged))
            .Then<Change>(signed => new Change(Wire.Answer(signed.Revision, ContractJson.Default.Revision)) { Document = signed.Document }))
        {
            Deployment = _ => body.DeploymentId,
        };
    }

    private static Outcome<Planned> Warm(Asked asked, WarmBody body) => asked.Id<RevisionId>("revision_id").Then<Planned>(id =>
    {
        if (body.RevisionId != id)
        {
            return new Refusal.InvalidArgument($"revision_id in the body is {body.RevisionId}, in the path it is {id}");
        }

        if (!StatedGate.Of(body.HealthGate).TryGet(out var gate, out var refusal))
        {
            return refusal;
        }

        return new Planned(Target(asked, id, "ready"), context => StatedGate.WithSignature(gate, context, context.Present, id).Then(whole =>
            RevisionVerbs.Warm(context.Present, id, whole, context.Now, body.ExpectedLifecycle).Then<Change>(warmed => warmed.GateFailure is { } failed
                ? new Change(new ChangeAnswer(null, DocumentPlace.None, Problem.GateFailed(id, whole, failed)))
                {
                    Document = warmed.Document,
                    Target = Target(asked, id, "failed"),
                    Recorded = new AuditResult("error", ProblemKind.HealthGateFailed.Name, failed.Message),
                }
                : Walked(warmed.Document, warmed.Revision, warmed.StartingLifecycle))))
        {
            Deployment = document => DeploymentOf(document, id),
        };
    });

    private static Outcome<Planned> Walk(Asked asked, RevisionLifecycle to, Func<EnvironmentDocument, RevisionId, Outcome<WalkedRevision>> verb) =>
        asked.Id<RevisionId>("revision_id").Then<Planned>(id => new Planned(Target(asked, id, RevisionVerbs.Text(to)), context =>
            verb(context.Present, id).Then<Change>(walked => Walked(walked.Document, walked.Revision, walked.StartingLifecycle)))
        {
            Deployment = document => DeploymentOf(document, id),
        });

    private static Outcome<Planned> ForceArchive(Asked asked, ForceArchiveBody body) =>
        asked.Id<RevisionId>("revision_id").Then<Planned>(id => new Planned(Target(asked, id, "archived"), context =>
            ForcedArchive.Of(context.Present, new(id, body.UpdatedBy, asked.Key), context.Now).Then<Change>(archived => Walked(archived.Walked.Document, archived.Walked.Revision, archived.Walked.StartingLifecycle)))
        {
            Recorded = ("revisions", "archive"),
            Deployment = document => DeploymentOf(document, id),
        });

    private static Change Walked(EnvironmentDocument document, Revision revision, RevisionLifecycle start)
    {
        var result = Wire.Answer(new JsonObject
        {
            ["revision"] = Wire.Node(revision, ContractJson.Default.Revision),
            ["starting_lifecycle"] = RevisionVerbs.Text(start),
        });
        // A revision that was there already is no change of the environment.
        return new Change(result with { Place = DocumentPlace.Member })
        {
            Document = start == revision.Lifecycle ? null : document,
            Target = Wire.Target(
                document.EnvironmentId, ("revision_id", revision.RevisionId.ToString()), ("deployment_id", revision.DeploymentId.ToString()), ("lifecycle_to", RevisionVerbs.Text(revision.Lifecycle))),
        };
    }

    private static JsonObject Target(Asked asked, RevisionId id, string to) => Wire.Target(asked.Environment, ("revision_id", id.ToString()), ("lifecycle_to", to));

    /// <summary>To which deployment a revision belongs; null where there is no such revision.</summary>
    public static DeploymentId? DeploymentOf(EnvironmentDocument document, RevisionId id) =>
        document.Revisions.FirstOrDefault(revision => revision.RevisionId == id)?.DeploymentId;
}
