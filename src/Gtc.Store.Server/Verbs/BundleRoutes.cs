using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>The verbs on deployments.</summary>
internal static class BundleRoutes
{
    private const string Bundles = "/environments/{env_id}/bundles";
    private const string One = Bundles + "/{deployment_id}";

    /// <summary>The routes.</summary>
    public static IReadOnlyList<ChangeRoute> All { get; } =
    [
        ChangeRoute.With("POST", Bundles, "bundles", "add", "Adds a deployment; the server mints its id and signs its revenue policy", ContractJson.Default.AddBundleBody, Add),
        ChangeRoute.With("PATCH", One, "bundles", "update", "Changes a deployment; a share that is given makes a new policy version", ContractJson.Default.UpdateBundleBody, Update),
        ChangeRoute.Bare("DELETE", One, "bundles", "remove", "Removes a deployment that is not live", asked => Remove(asked, force: false)),
        ChangeRoute.Bare("POST", One + "/force-remove", "bundles", "force-remove", "Removes a deployment although it is live, with its split and revisions", asked => Remove(asked, force: true)),
    ];

    private static Outcome<Planned> Add(Asked asked, AddBundleBody body) =>
        new Planned(Wire.Target(asked.Environment, ("bundle_id", body.BundleId), ("customer_id", body.CustomerId)), context =>
        {
            var command = new AddDeployment
            {
                DeploymentId = new(context.NewUlid()),
                BundleId = body.BundleId,
                CustomerId = body.CustomerId,
                RouteBinding = body.RouteBinding ?? new RouteBinding { TenantSelector = TenantSelector.Default },
                RevenueShare = body.RevenueShare,
                AuthorizationRef = body.AuthorizationRef ?? "auth.json",
                ConfigOverrides = body.ConfigOverrides is { IsEmpty: true } ? null : body.ConfigOverrides,
            };
            return DeploymentVerbs.Add(context.Present, command, context.Now).Then(result => Signed(asked, context, result.Document, result.Added));
        });

    private static Outcome<Planned> Update(Asked asked, UpdateBundleBody body) => asked.Id<DeploymentId>("deployment_id").Then<Planned>(id =>
    {
        if (body.DeploymentId != id)
        {
            return new Refusal.InvalidArgument($"deployment_id in the body is {body.DeploymentId}, in the path it is {id}");
        }

        var command = new UpdateDeployment
        {
            DeploymentId = id,
            Status = body.Status,
            RouteBinding = body.RouteBinding,
            RevenueShare = body.RevenueShare,
            ConfigOverrides = body.ConfigOverrides,
        };
        return new Planned(Wire.Target(asked.Environment, ("deployment_id", id.ToString())), context => DeploymentVerbs.Update(context.Present, command).Then(updated => updated.NeedsPolicy
            ? Signed(asked, context, updated.Document, updated.Deployment)
            : Changed(asked, updated.Document, updated.Deployment, null)))
        {
            Deployment = _ => id,
        };
    });

    private static Outcome<Planned> Remove(Asked asked, bool force) => asked.Id<DeploymentId>("deployment_id").Then<Planned>(id =>
        new Planned(Wire.Target(asked.Environment, ("deployment_id", id.ToString())), context => DeploymentVerbs.Remove(context.Present, id, force).Then<Change>(removed =>
        {
            var target = Wire.Target(asked.Environment, ("deployment_id", id.ToString()));
            target["pruned_revision_ids"] = Pruned(removed);
            var result = new JsonObject { ["deployment"] = Wire.Node(removed.Deployment, ContractJson.Default.BundleDeployment), ["pruned_revision_ids"] = Pruned(removed) };
            return new Change(Wire.Answer(result)) { Document = removed.Document, Target = target };
        }))
        {
            Recorded = ("bundles", "remove"),
            Deployment = _ => id,
        });

    private static JsonArray Pruned(RemovedDeployment removed) => new([.. removed.Pruned.Select(revision => (JsonNode)revision.RevisionId.ToString())]);

    private static Outcome<Change> Signed(Asked asked, ChangeContext context, EnvironmentDocument document, BundleDeployment deployment) =>
        PolicyIssue.Of(asked.OperatorKey, context, deployment).Then(issued =>
            Changed(asked, document with { Bundles = document.Bundles.Replace(deployment, issued.Deployment) }, issued.Deployment, issued.Policy));

    private static Outcome<Change> Changed(Asked asked, EnvironmentDocument document, BundleDeployment deployment, SignedRevenuePolicy? policy)
    {
        var target = Wire.Target(asked.Environment, ("deployment_id", deployment.DeploymentId.ToString()), ("bundle_id", deployment.BundleId), ("customer_id", deployment.CustomerId));
        target["revenue_policy_version"] = policy is null ? null : JsonValue.Create(policy.Version);
        return new Change(Wire.Answer(deployment, ContractJson.Default.BundleDeployment)) { Document = document, Sides = policy is null ? TypedSides.None : TypedSides.Of(policy), Target = target };
    }
}
