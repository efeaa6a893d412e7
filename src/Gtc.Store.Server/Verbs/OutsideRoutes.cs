using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>
/// What a caller is about to do outside, on exactly this document: the server touches no cluster, it says whether the caller may, and keeps that on record.
/// </summary>
internal static class OutsideRoutes
{
    private const string One = "/environments/{env_id}";

    /// <summary>The routes.</summary>
    public static IReadOnlyList<ChangeRoute> All { get; } =
    [
        ChangeRoute.Bare("POST", One + "/reconcile", "env", "reconcile", "Authorizes a convergence of the target on exactly this document", Reconcile) with { Precondition = Precondition.Required },
        ChangeRoute.With("POST", One + "/reconcile/complete", "env", "reconcile-complete", "Records how a convergence ended", ContractJson.Default.ReconcileCompleteBody, Complete) with
        {
            Precondition = Precondition.Ignored,
        },
        ChangeRoute.Bare("POST", One + "/revisions/{revision_id}/apply", "env", "apply-revision", "Authorizes that the target is given or loses the worker of one revision", ApplyRevision) with { Precondition = Precondition.Required },
        ChangeRoute.With("POST", One + "/traffic/apply", "env", "apply-traffic", "Authorizes that the recorded shares of one deployment are put in force", ContractJson.Default.RollbackBody, ApplyTraffic) with
        {
            Precondition = Precondition.Required,
        },
        ChangeRoute.With("POST", One + "/destroy", "env", "destroy", "Authorizes that the target is emptied of exactly this document, which ends after that", ContractJson.Default.DestroyBody, Destroy) with
        {
            Precondition = Precondition.Required,
            Operation = "env.destroy-begin",
        },
    ];

    private static Outcome<Planned> Reconcile(Asked asked) => new Planned(Wire.Target(asked.Environment), context => Identified(context).Then<Change>(sides =>
    {
        var target = Wire.Target(asked.Environment, ("etag", StoredEnvironment.EtagOf(context.Present)));
        target["generation"] = context.Generation;
        return new Change(ChangeAnswer.OfDocument) { Target = target, Sides = sides };
    }));

    private static Outcome<Planned> Complete(Asked asked, ReconcileCompleteBody body)
    {
        var completion = body.Completion;
        var isFailed = completion.Status == "failed";
        if (completion.Status is not ("succeeded" or "failed")
            || (isFailed ? completion.Error is null || completion.Applied is not null || completion.Pruned is not null : completion.Error is not null || completion.Applied is null || completion.Pruned is null))
        {
            return new Refusal.InvalidArgument("completion must be {\"status\":\"succeeded\",\"applied\":n,\"pruned\":n} or {\"status\":\"failed\",\"error\":\"…\"}");
        }

        var target = Wire.Target(asked.Environment, ("authorized_etag", body.AuthorizedEtag));
        target["authorized_generation"] = body.AuthorizedGeneration;
        target["completion"] = isFailed
            ? new JsonObject { ["status"] = "failed", ["error"] = completion.Error }
            : new JsonObject { ["status"] = "succeeded", ["applied"] = completion.Applied, ["pruned"] = completion.Pruned };
        return new Planned(target, _ => new Change(Wire.Answer(new JsonObject { ["recorded"] = true }))
        {
            Recorded = isFailed ? new AuditResult("error", "reconcile-failed", completion.Error) : null,
        });
    }

    private static Outcome<Planned> ApplyRevision(Asked asked) => asked.Id<RevisionId>("revision_id").Then<Planned>(id =>
        new Planned(Wire.Target(asked.Environment, ("revision_id", id.ToString())), context => RevisionRoutes.DeploymentOf(context.Present, id) is null
            ? new Refusal.Missing($"there is no revision {id}")
            : Allowed(context))
        {
            Deployment = document => RevisionRoutes.DeploymentOf(document, id),
        });

    private static Outcome<Planned> ApplyTraffic(Asked asked, RollbackBody body) =>
        new Planned(Wire.Target(asked.Environment, ("deployment_id", body.DeploymentId.ToString())), context => context.Present.TrafficSplits.All(split => split.DeploymentId != body.DeploymentId)
            ? new Refusal.Missing($"deployment {body.DeploymentId} routes no traffic")
            : Allowed(context))
        {
            Deployment = _ => body.DeploymentId,
        };

    /// <summary>What the end itself would be refused for is refused before anything is taken away.</summary>
    private static Outcome<Planned> Destroy(Asked asked, DestroyBody body)
    {
        var target = Wire.Target(asked.Environment);
        target["force"] = body.Force;
        return new Planned(target, context => EnvironmentRoutes.WhyNotDestroy(context, body) is { } refusal ? refusal : new Change(Wire.Answer(new JsonObject { ["allowed"] = true })))
        {
            Recorded = ("env", "destroy-begin"),
        };
    }

    private static Outcome<Change> Allowed(ChangeContext context) => Identified(context).Then<Change>(sides => new Change(Wire.Answer(new JsonObject { ["allowed"] = true })) { Sides = sides });

    /// <summary>The id that goes onto objects of a cluster, made when something is first brought anywhere.</summary>
    private static Outcome<ImmutableSortedDictionary<SideName, byte[]?>> Identified(ChangeContext context) => context.Side(OpenSides.StoreId).Then<ImmutableSortedDictionary<SideName, byte[]?>>(present =>
        present is null ? TypedSides.Of(OpenSides.StoreId, Encoding.ASCII.GetBytes($"{context.NewUlid()}\n")) : TypedSides.None);
}
