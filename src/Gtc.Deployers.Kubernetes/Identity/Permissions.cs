using System.Collections.Immutable;
using Gtc.EnvPacks;
using Gtc.Kubernetes;

namespace Gtc.Deployers.Kubernetes;

/// <summary>One thing that the deployer's identity must be allowed to do in its namespace.</summary>
/// <param name="Kind">The kind of object; it fixes group, resource and path.</param>
/// <param name="Verb">The verb of the API.</param>
/// <param name="Why">What it is needed for, one line.</param>
/// <param name="Part">The subresource, or null for the object itself.</param>
public sealed record Grant(KubeKind Kind, string Verb, string Why, string? Part = null)
{
    private const string Prefix = "k8s.rbac.allow:";

    /// <summary>The API group; the core group is the empty text.</summary>
    public string Group => GroupOf(Kind);

    /// <summary>The resource, plural; a subresource behind a slash.</summary>
    public string Resource => Part is null ? Kind.Plural : $"{Kind.Plural}/{Part}";

    /// <summary>Short form, e.g. <c>apps/deployments:patch</c>.</summary>
    public string Name => NameOf(Group, Resource, Verb);

    /// <summary>What checks and <c>missing_capabilities</c> call it.</summary>
    public string Id => Prefix + Name;

    /// <summary>The capability of the deployer's contract.</summary>
    public Capability Capability => new(Id, $"may {Verb} {Resource}: {Why}");

    /// <summary>The short form of any operation; the core group is called <c>core</c>.</summary>
    public static string NameOf(string group, string resource, string verb) => $"{(group.Length == 0 ? "core" : group)}/{resource}:{verb}";

    private static string GroupOf(KubeKind kind) => kind.ApiVersion.Contains('/', StringComparison.Ordinal) ? kind.ApiVersion[..kind.ApiVersion.IndexOf('/', StringComparison.Ordinal)] : "";
}

/// <summary>
/// Everything that the deployer's identity must be allowed to do, and nothing else: the one list of checks, capability ids, the rules pack and the
/// reference page. The first 24 and their order are k8s-deployer.md §14.1; what came later is appended.
/// </summary>
public static class Permissions
{
    private const string Converge = "reconcile compares, makes and changes objects";
    private const string Listing = "one list in place of many reads; what was left behind is found by its labels";

    private const string Rollouts = "rollouts are seen as they happen; without it they are looked at every 2 s";

    private static readonly string[] Whole = ["get", "create", "patch", "delete"];

    /// <summary>The capability that comes before all permissions.</summary>
    public static Capability Reachable { get; } = new("k8s.api.reachable", "the cluster's API server answers and knows the caller");

    /// <summary>The list.</summary>
    public static ImmutableArray<Grant> All { get; } =
    [
        .. Of("apps/v1", "Deployment", Converge, "get", "create", "patch"), .. Of("apps/v1", "Deployment", "workers of retired revisions go", "delete"),
        .. Of("v1", "Service", Converge, "get", "create", "patch"), .. Of("v1", "Service", "workers of retired revisions go", "delete"),
        .. Of("v1", "ConfigMap", Converge, "get", "create", "patch"),
        .. Of("v1", "Secret", Converge, "get", "create", "patch"), .. Of("v1", "Secret", "secrets of another back end, and credentials that end, go", "delete"),
        .. Of("v1", "ServiceAccount", Converge, "get", "create", "patch"),
        .. Of("policy/v1", "PodDisruptionBudget", Converge, "get", "create", "patch"),
        .. Of("networking.k8s.io/v1", "NetworkPolicy", Converge, "get", "create", "patch"),
        .. Of("v1", "Pod", "routers are found, and why a worker does not start", "list"), .. Of("v1", "Pod", "a new dial reaches routers at once", "patch"),
        .. Of("apps/v1", "Deployment", Listing, "list"), .. Of("v1", "Service", Listing, "list"),
        .. Of("v1", "ConfigMap", Listing, "list"), .. Of("networking.k8s.io/v1", "NetworkPolicy", Listing, "list"),
        .. Of("apps/v1", "Deployment", Rollouts, "watch"), .. Of("v1", "Pod", Rollouts, "watch"),
    ];

    /// <summary>Everything that some answer may ask for besides, for the reference page.</summary>
    public static ImmutableArray<Grant> Optional { get; } =
    [
        .. Of("networking.k8s.io/v1", "Ingress", "`ingress_host` is answered", Whole), .. Of("gateway.networking.k8s.io/v1", "HTTPRoute", "`gateway` is answered", Whole),
        .. Of("autoscaling/v1", "HorizontalPodAutoscaler", "`router_max_replicas` is answered", Whole), .. Of("policy/v1", "PodDisruptionBudget", "`worker_replicas` is 2 or more: budgets go with their workers", "delete"),
        .. Of("external-secrets.io/v1", "ExternalSecret", "`external_secrets_store` is answered", Whole),
        new(KubeKind.Of("v1", "Pod")!, "get", "`tunnel` is `cloudflared`: its address stands in the worker's log", "log"),
    ];

    /// <summary>The capabilities of the deployer's contract without any answer, in order.</summary>
    public static ImmutableArray<Capability> Capabilities { get; } = CapabilitiesOf(All);

    /// <summary>The list for some answers: what they ask for beyond, and nothing that they do not ask for.</summary>
    public static ImmutableArray<Grant> For(PackAnswers answers)
    {
        var options = RenderOptions.Of(answers);
        return [.. All, .. Optional.Where(grant => grant.Kind.Kind switch
        {
            "Ingress" => options.Ingress is not null,
            "HTTPRoute" => options.Gateway is not null,
            "ExternalSecret" => options.ExternalSecrets is not null,
            "HorizontalPodAutoscaler" => options.RouterMaxReplicas is not null,
            "Pod" => answers.Get("tunnel") == "cloudflared",
            _ => options.WorkerReplicas > 1,
        })];
    }

    /// <summary>The capabilities of a list, in order.</summary>
    public static ImmutableArray<Capability> CapabilitiesOf(ImmutableArray<Grant> grants) => [Reachable, .. grants.Select(permission => permission.Capability)];

    /// <summary>The rules of a Role: one for each group and resource in the order of the list, its verbs in that order too.</summary>
    public static ImmutableArray<PolicyRule> RulesOf(ImmutableArray<Grant> grants) =>
    [
        .. grants.GroupBy(permission => (permission.Group, permission.Resource)).Select(found => new PolicyRule
        {
            ApiGroups = [found.Key.Group],
            Resources = [found.Key.Resource],
            Verbs = [.. found.Select(permission => permission.Verb)],
        }),
    ];

    private static IEnumerable<Grant> Of(string apiVersion, string kind, string why, params string[] verbs) => verbs.Select(verb => new Grant(KubeKind.Of(apiVersion, kind)!, verb, why));
}
