using System.Text.Json;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.Deployments;

/// <summary><c>gtc op bundles remove</c>: remove a deployment with its revisions.</summary>
internal static class DeploymentRemove
{
    /// <summary>The verb.</summary>
    public static Verb<RemoveDeploymentPayload> Verb => new()
    {
        Noun = "bundles",
        Name = "remove",
        Purpose = "Remove a deployment with its archived revisions",
        Remark = "Refused while traffic is routed to it or a revision is not archived; --force takes both along. Its revisions' folders stay until `revisions gc`, so that `env restore` can bring it back.",
        Examples = ["op bundles remove --deployment checkout", "op bundles remove prod deployment_id=checkout --force"],
        Payload = OpJson.Default.RemoveDeploymentPayload,
        Fields =
        [
            PayloadField.Environment,
            DeploymentNoun.Deployment with { Purpose = "the deployment, a prefix of its id, or its bundle" },
            new("force", "remove it although it is live: its split and all of its revisions go with it", "--force"),
            PayloadField.RetryKey,
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(RemoveDeploymentPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var done = await RepeatableChange.RunAsync(
            call,
            payload.EnvironmentId,
            ("bundles", "remove"),
            [("deployment_id", payload.DeploymentId)],
            payload.IdempotencyKey,
            RepeatableChange.Request(payload, OpJson.Default.RemoveDeploymentPayload),
            OpJson.Default.RemovedDeploymentSummary,
            (document, _, _) => Choice.Deployment(document, payload.DeploymentId).Then(deployment => DeploymentVerbs.Remove(document, deployment.DeploymentId, payload.Force)).Then(Mutation),
            new(
                (document, _) => Choice.Deployment(document, payload.DeploymentId).Then<WireRequest>(deployment => Asked(deployment.DeploymentId, payload.Force)),
                Answered),
            cancellationToken);
        return done.Then(removed => (Outcome<Answer>)Answer.Of(removed, OpJson.Default.RemovedDeploymentSummary, screen =>
        {
            screen.Say($"Deployment {removed.BundleId} of {removed.CustomerId} is removed, with {Figures.Count(removed.PrunedRevisionIds.Count, "revision")}.");
            screen.Facts(("next", removed.PrunedRevisionIds.Count == 0 ? null : $"gtc op revisions gc {removed.EnvironmentId}   deletes their folders"));
        }));
    }

    /// <summary>What a store server is asked for.</summary>
    public static WireRequest Asked(DeploymentId id, bool force) => force
        ? WireRequest.Bare(HttpMethod.Post, "bundles", id.ToString(), "force-remove")
        : WireRequest.Bare(HttpMethod.Delete, "bundles", id.ToString());

    private static Outcome<RemovedDeploymentSummary> Answered(WireAnswer answer) => RemovedDeploymentSummary.Of(
        answer.Result.GetProperty("deployment").Deserialize(ContractJson.Default.BundleDeployment)!,
        answer.Result.GetProperty("pruned_revision_ids").EnumerateArray().Select(id => id.GetString()!));

    private static Outcome<Mutation<RemovedDeploymentSummary>> Mutation(RemovedDeployment removed)
    {
        var deployment = removed.Deployment;
        return new Mutation<RemovedDeploymentSummary>(RemovedDeploymentSummary.Of(deployment, removed.Pruned.Select(revision => revision.RevisionId.ToString())))
        {
            Document = removed.Document,
            RefreshesRuntimeConfig = true,
            Target = OpStore.Target(("deployment_id", deployment.DeploymentId.ToString()), ("bundle_id", deployment.BundleId), ("customer_id", deployment.CustomerId)),
        };
    }
}
