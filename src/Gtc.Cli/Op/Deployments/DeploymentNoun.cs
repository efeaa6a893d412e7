using System.Collections.Immutable;
using System.CommandLine;
using Gtc.Cli.Output;
using Gtc.Cli.Op.TrustRoots;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.Deployments;

/// <summary><c>gtc op bundles</c>: the deployments of an environment.</summary>
internal static class DeploymentNoun
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Deployments of bundles";

    /// <summary>The deployment of a verb.</summary>
    public static PayloadField Deployment { get; } =
        new("deployment_id", "the deployment, a prefix of its id, or its bundle; the only one when not given", "--deployment", "ID");

    /// <summary>Builds the noun.</summary>
    public static Command Create(CliContext context, VerbFlags flags) => NounCommand.Create("bundles", Purpose, context,
    [
        new("add", () => AddVerb.Purpose, inner => AddVerb.Create(inner, flags)),
        new("update", () => DeploymentUpdate.Verb.Purpose, inner => DeploymentUpdate.Verb.Create(inner, flags)),
        new("remove", () => DeploymentRemove.Verb.Purpose, inner => DeploymentRemove.Verb.Create(inner, flags)),
        new("list", () => ListVerb.Purpose, inner => ListVerb.Create(inner, flags)),
        new("verify-policy", PolicyVerify.Purpose, inner => PolicyVerify.Verb.Create(inner, flags)),
    ]);

    private static Verb<AddDeploymentPayload> AddVerb => new()
    {
        Noun = "bundles",
        Name = "add",
        Purpose = "Add a deployment of a bundle: something that requests can be routed to",
        Remark = "It signs a revenue policy with the operator's key, which the environment must trust (gtc op trust-root bootstrap).",
        Examples =
        [
            "op bundles add",
            "op bundles add bundle_id=checkout --host shop.example.com --path-prefix /checkout",
            "op bundles add staging bundle_id=checkout customer_id=acme revenue_share=[{\"party_id\":\"acme\",\"basis_points\":10000}]",
        ],
        Payload = OpJson.Default.AddDeploymentPayload,
        Fields =
        [
            PayloadField.Environment,
            new("bundle_id", $"the bundle; `{AddDeploymentPayload.DefaultBundle}` when not given", "--bundle-id", "ID"),
            new("customer_id", $"who is billed; `{DeploymentVerbs.LocalCustomer}` in `local`, required elsewhere", "--customer", "ID"),
            new("route_binding", "which requests reach it; all of them when not given"),
            new("route_binding.hosts", "a host name whose requests reach it", "--host", "NAME"),
            new("route_binding.path_prefixes", "a path prefix whose requests reach it", "--path-prefix", "/PATH"),
            new("route_binding.tenant_selector", "whose calls these are"),
            new("route_binding.tenant_selector.tenant", "the tenant; `default` when not given", "--tenant", "TENANT"),
            new("route_binding.tenant_selector.team", "the team; `default` when not given", "--team", "TEAM"),
            new("revenue_share", "who earns what, in basis points that sum to 10000; all to `greentic` when not given"),
            new("authorization_ref", "the authorization document; auth.json when not given", "--authorization-ref", "PATH"),
            new("config_overrides", "settings that are no secrets: pack id, key, value"),
            PayloadField.RetryKey,
        ],
        RunAsync = AddAsync,
    };

    private static Verb<EnvironmentPayload> ListVerb => new()
    {
        Noun = "bundles",
        Name = "list",
        Purpose = "List the deployments of an environment",
        Examples = ["op bundles list", "op bundles list local --format json"],
        Payload = OpJson.Default.EnvironmentPayload,
        Fields = [PayloadField.Environment],
        RunAsync = ListAsync,
    };

    private static async Task<Outcome<Answer>> AddAsync(AddDeploymentPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var bundle = payload.BundleId ?? AddDeploymentPayload.DefaultBundle;
        var intent = OpStore.Intent(at.Environment, "bundles", "add", ("bundle_id", bundle), ("customer_id", payload.CustomerId));
        if (!OpKeys.File(call).TryGet(out var keys, out refusal))
        {
            return await at.RefuseAsync(intent, refusal, cancellationToken);
        }

        BundleDeployment? made = null;
        var added = await RepeatableChange.RunAsync(
            at,
            intent,
            payload.IdempotencyKey,
            RepeatableChange.Request(payload, OpJson.Default.AddDeploymentPayload),
            call,
            OpJson.Default.DeploymentSummary,
            (change, _) => change.Required(at.Environment).Then(document => Command(payload, bundle, document, change.NewUlid())
                .Then(command => Add(document, command, change, keys)).Then(result => Mutation(result.Document, made = result.Signed))),
            new(
                (document, _) => Command(payload, bundle, document, default).Then<WireRequest>(asked => Asked(asked)),
                answered =>
                {
                    made = answered.IsReplay ? null : answered.Deployment;
                    return DeploymentSummary.Of(answered.Deployment);
                }),
            cancellationToken);
        return added.Then(summary => (Outcome<Answer>)Answer.Of(summary, OpJson.Default.DeploymentSummary, screen =>
        {
            screen.Say($"Deployment {summary.BundleId} of {summary.CustomerId} {(made is null ? "was added under this key before" : "added")}.");
            screen.Facts(("deployment", summary.DeploymentId), ("reached by", made is null ? null : Route(made)), ("next", "gtc op revisions stage bundle_path=BUNDLE.gtbundle"));
        }));
    }

    private static Outcome<AddDeployment> Command(AddDeploymentPayload payload, string bundle, EnvironmentDocument document, Ulid id)
    {
        var customer = payload.CustomerId ?? (document.EnvironmentId == EnvId.Local ? DeploymentVerbs.LocalCustomer : null);
        if (string.IsNullOrWhiteSpace(customer))
        {
            return new Refusal.InvalidArgument($"customer_id is required in environment `{document.EnvironmentId}`: it says who is billed")
            {
                Next = $"gtc op bundles add {document.EnvironmentId} bundle_id={bundle} customer_id=CUSTOMER",
            };
        }

        return new AddDeployment
        {
            DeploymentId = new(id),
            BundleId = bundle,
            CustomerId = customer,
            RouteBinding = RoutePayload.ToBinding(payload.RouteBinding),
            RevenueShare = payload.RevenueShare.IsDefault
                ? [new RevenueShareEntry { PartyId = "greentic", BasisPoints = TrafficSplit.Whole }]
                : [.. payload.RevenueShare.Select(share => new RevenueShareEntry { PartyId = share.PartyId, BasisPoints = share.BasisPoints })],
            AuthorizationRef = payload.AuthorizationRef ?? "auth.json",
            ConfigOverrides = payload.ConfigOverrides is { IsEmpty: true } ? null : payload.ConfigOverrides,
        };
    }

    /// <summary>The server mints the id.</summary>
    private static WireRequest Asked(AddDeployment command) => WireRequest.With(
        HttpMethod.Post,
        ContractJson.Default.AddBundleBody,
        new AddBundleBody
        {
            BundleId = command.BundleId,
            CustomerId = command.CustomerId,
            RevenueShare = command.RevenueShare,
            RouteBinding = command.RouteBinding,
            AuthorizationRef = command.AuthorizationRef,
            ConfigOverrides = command.ConfigOverrides,
        },
        "bundles");

    private static Outcome<(EnvironmentDocument Document, BundleDeployment Signed)> Add(EnvironmentDocument document, AddDeployment command, MutationContext change, OperatorKeyFile keys) =>
        DeploymentVerbs.Add(document, command, change.Now).Then(result => new RevenuePolicies(keys).Issue(change, result.Added)
            .Then<(EnvironmentDocument, BundleDeployment)>(signed => (result.Document with { Bundles = result.Document.Bundles.Replace(result.Added, signed) }, signed)));

    private static Outcome<Mutation<DeploymentSummary>> Mutation(EnvironmentDocument document, BundleDeployment signed) => new Mutation<DeploymentSummary>(DeploymentSummary.Of(signed))
    {
        Document = document,
        Target = OpStore.Target(("deployment_id", signed.DeploymentId.ToString()), ("bundle_id", signed.BundleId), ("customer_id", signed.CustomerId)),
    };

    private static async Task<Outcome<Answer>> ListAsync(EnvironmentPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !(await at.LoadAsync(cancellationToken)).TryGet(out var document, out refusal))
        {
            return refusal;
        }

        var list = new DeploymentList(at.Environment.ToString(), [.. document.Bundles.Select(DeploymentSummary.Of)]);
        return Answer.Of(list, OpJson.Default.DeploymentList, screen => screen.Table(
            new(
                [new("deployment"), new("bundle"), new("customer", 2), new("status"), new("revisions", 1), new("reached by", 3)],
                [.. document.Bundles.Select(Row)]),
            $"Environment {at.Environment} has no deployment."));
    }

    private static ImmutableArray<string> Row(BundleDeployment deployment) =>
    [
        deployment.DeploymentId.ToString(),
        deployment.BundleId,
        deployment.CustomerId,
        deployment.Status.ToString().ToLowerInvariant(),
        $"{deployment.CurrentRevisions.Length}",
        Route(deployment),
    ];

    private static string Route(BundleDeployment deployment)
    {
        var hosts = deployment.RouteBinding.Hosts.IsEmpty ? "any host" : string.Join(", ", deployment.RouteBinding.Hosts);
        return deployment.RouteBinding.PathPrefixes.IsEmpty ? hosts : $"{hosts} {string.Join(", ", deployment.RouteBinding.PathPrefixes)}";
    }
}
