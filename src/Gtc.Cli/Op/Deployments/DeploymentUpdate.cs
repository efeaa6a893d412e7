using Gtc.Cli.Output;
using Gtc.Cli.Op.TrustRoots;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.Deployments;

/// <summary><c>gtc op bundles update</c>: change what is given of a deployment.</summary>
internal static class DeploymentUpdate
{
    /// <summary>The verb.</summary>
    public static Verb<UpdateDeploymentPayload> Verb => new()
    {
        Noun = "bundles",
        Name = "update",
        Purpose = "Change a deployment; what is not given stays as it is",
        Remark = "That goes for the members of route_binding too: --host alone keeps prefixes and tenant. A list that is given replaces the list, [] empties it, and config_overrides are replaced as a whole.\n"
            + "revenue_share makes a new version of the signed policy, also when it says the same.",
        Examples =
        [
            "op bundles update status=paused",
            "op bundles update prod --deployment checkout --host shop.example.com",
            "op bundles update deployment_id=checkout revenue_share=[{\"party_id\":\"acme\",\"basis_points\":10000}]",
        ],
        Payload = OpJson.Default.UpdateDeploymentPayload,
        Fields =
        [
            PayloadField.Environment,
            DeploymentNoun.Deployment,
            new("status", $"whether it takes requests: {UpdateDeploymentPayload.Statuses}", "--status", "STATUS"),
            new("route_binding", "which requests reach it"),
            new("route_binding.hosts", "a host name whose requests reach it", "--host", "NAME"),
            new("route_binding.path_prefixes", "a path prefix whose requests reach it", "--path-prefix", "/PATH"),
            new("route_binding.tenant_selector", "whose calls these are"),
            new("route_binding.tenant_selector.tenant", "the tenant", "--tenant", "TENANT"),
            new("route_binding.tenant_selector.team", "the team", "--team", "TEAM"),
            new("revenue_share", "who earns what, in basis points that sum to 10000"),
            new("config_overrides", "settings that are no secrets: pack id, key, value; {} takes them away"),
            PayloadField.RetryKey,
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(UpdateDeploymentPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var intent = OpStore.Intent(at.Environment, "bundles", "update", ("deployment_id", payload.DeploymentId));
        if (!OpKeys.File(call).TryGet(out var keys, out refusal))
        {
            return await at.RefuseAsync(intent, refusal, cancellationToken);
        }

        var done = await RepeatableChange.RunAsync(
            at,
            intent,
            payload.IdempotencyKey,
            RepeatableChange.Request(payload, OpJson.Default.UpdateDeploymentPayload),
            call,
            OpJson.Default.DeploymentSummary,
            (change, _) => change.Required(at.Environment).Then(document => Choice.Deployment(document, payload.DeploymentId)
                .Then(deployment => Command(payload, deployment))
                .Then(command => DeploymentVerbs.Update(document, command))
                .Then(updated => Signed(updated, change, keys))
                .Then(Mutation)),
            new(
                (document, _) => Choice.Deployment(document, payload.DeploymentId).Then(deployment => Command(payload, deployment)).Then<WireRequest>(asked => Asked(asked)),
                answered => DeploymentSummary.Of(answered.Deployment)),
            cancellationToken);
        return done.Then(summary => (Outcome<Answer>)Answer.Of(summary, OpJson.Default.DeploymentSummary, screen =>
        {
            screen.Say($"Deployment {summary.BundleId} of {summary.CustomerId} is changed.");
            screen.Facts(
                ("deployment", summary.DeploymentId),
                ("status", summary.Status.ToString().ToLowerInvariant()),
                ("hosts", summary.Hosts.Count == 0 ? "any" : string.Join(", ", summary.Hosts)));
        }));
    }

    private static Outcome<UpdateDeployment> Command(UpdateDeploymentPayload payload, BundleDeployment deployment)
    {
        if (payload is { Status: null, RouteBinding: null, RevenueShare.IsDefault: true, ConfigOverrides: null })
        {
            return new Refusal.InvalidArgument("nothing is to be changed: give status, route_binding, revenue_share or config_overrides");
        }

        if (!Status(payload.Status).TryGet(out var status, out var refusal))
        {
            return refusal;
        }

        return new UpdateDeployment
        {
            DeploymentId = deployment.DeploymentId,
            Status = status,
            RouteBinding = payload.RouteBinding?.Over(deployment.RouteBinding),
            RevenueShare = payload.RevenueShare.IsDefault
                ? null
                : [.. payload.RevenueShare.Select(share => new RevenueShareEntry { PartyId = share.PartyId, BasisPoints = share.BasisPoints })],
            ConfigOverrides = payload.ConfigOverrides,
        };
    }

    /// <summary>What a store server is asked for.</summary>
    public static WireRequest Asked(UpdateDeployment command) => WireRequest.With(
        HttpMethod.Patch,
        ContractJson.Default.UpdateBundleBody,
        new UpdateBundleBody
        {
            DeploymentId = command.DeploymentId,
            Status = command.Status,
            RouteBinding = command.RouteBinding,
            RevenueShare = command.RevenueShare,
            ConfigOverrides = command.ConfigOverrides,
        },
        "bundles",
        command.DeploymentId.ToString());

    private static Outcome<DeploymentStatus?> Status(string? given) => given switch
    {
        null => (DeploymentStatus?)null,
        "active" => DeploymentStatus.Active,
        "paused" => DeploymentStatus.Paused,
        "archived" => DeploymentStatus.Archived,
        _ => new Refusal.InvalidArgument($"status `{given}` must be {UpdateDeploymentPayload.Statuses}"),
    };

    private static Outcome<UpdatedDeployment> Signed(UpdatedDeployment updated, MutationContext change, OperatorKeyFile keys) => updated.NeedsPolicy
        ? new RevenuePolicies(keys).Issue(change, updated.Deployment).Then<UpdatedDeployment>(signed => updated with
        {
            Document = updated.Document with { Bundles = updated.Document.Bundles.Replace(updated.Deployment, signed) },
            Deployment = signed,
        })
        : updated;

    private static Outcome<Mutation<DeploymentSummary>> Mutation(UpdatedDeployment updated) => new Mutation<DeploymentSummary>(DeploymentSummary.Of(updated.Deployment))
    {
        Document = updated.Document,
        RefreshesRuntimeConfig = true,
        Target = OpStore.Target(("deployment_id", updated.Deployment.DeploymentId.ToString()), ("bundle_id", updated.Deployment.BundleId)),
    };
}
