using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using VolumeMount = Gtc.Kubernetes.VolumeMount;

namespace Gtc.Fleet.Operator.Installing;

/// <summary>Everything that a cluster needs for a fleet, as typed objects in the order in which they are applied (fleet.md §16).</summary>
public static class OperatorObjects
{
    private const string Name = "fleet-operator";
    private const string Rbac = "rbac.authorization.k8s.io";
    private const string CredentialsVolume = "nats-credentials";
    private const string CredentialsFolder = "/etc/gtc/nats";
    private const long UserId = 65532;

    private static readonly ImmutableSortedDictionary<string, string> Labels = ImmutableSortedDictionary<string, string>.Empty
        .Add("app.kubernetes.io/name", Name).Add("app.kubernetes.io/part-of", "gtc-fleet");

    private static readonly ImmutableSortedDictionary<string, string> Selector = ImmutableSortedDictionary<string, string>.Empty.Add("app.kubernetes.io/name", Name);

    /// <summary>The definitions of the custom resources alone.</summary>
    public static ImmutableArray<JsonElement> Definitions() => [FleetDefinitions.Deployment(), FleetDefinitions.Device()];

    /// <summary>Definitions, namespace, identity, rights, the operator itself and the Service for its metrics.</summary>
    public static ImmutableArray<JsonElement> All(InstallOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        KubeObject[] objects =
        [
            new NamespaceObject { ApiVersion = "v1", Kind = "Namespace", Metadata = new() { Name = options.Namespace } },
            new ServiceAccount { ApiVersion = "v1", Kind = "ServiceAccount", Metadata = Meta(options) },
            new Role { ApiVersion = $"{Rbac}/v1", Kind = "ClusterRole", Metadata = new() { Name = Name, Labels = Labels }, Rules = ClusterRules },
            Binding("ClusterRoleBinding", "ClusterRole", Name, options, new() { Name = Name, Labels = Labels }),
            new Role { ApiVersion = $"{Rbac}/v1", Kind = "Role", Metadata = Meta(options), Rules = LeaseRules },
            Binding("RoleBinding", "Role", Name, options, Meta(options)),
            Workload(options),
            Metrics(options),
        ];
        return [.. Definitions(), .. objects.Select(KubeJson.ToElement)];
    }

    private static ImmutableArray<PolicyRule> ClusterRules =>
    [
        Rule(FleetApi.Group, ["deployments"], ["get", "list", "watch", "patch"]),
        Rule(FleetApi.Group, ["deployments/status"], ["get", "patch"]),
        Rule(FleetApi.Group, ["deployments/finalizers"], ["update"]),
        Rule(FleetApi.Group, ["devices"], ["get", "list", "watch", "create", "patch", "delete"]),
        Rule(FleetApi.Group, ["devices/status"], ["get", "patch"]),
        Rule("", ["events"], ["create", "patch"]),
    ];

    private static ImmutableArray<PolicyRule> LeaseRules => [Rule("coordination.k8s.io", ["leases"], ["get", "create", "patch", "update"])];

    private static Deployment Workload(InstallOptions options) => new()
    {
        ApiVersion = "apps/v1",
        Kind = "Deployment",
        Metadata = Meta(options),
        Spec = new()
        {
            Replicas = options.Replicas,
            Selector = new() { MatchLabels = Selector },
            Template = new()
            {
                Metadata = new() { Labels = Labels },
                Spec = new()
                {
                    ServiceAccountName = Name,
                    SecurityContext = new() { RunAsNonRoot = true, RunAsUser = UserId, RunAsGroup = UserId, FsGroup = UserId, SeccompProfile = new() { Type = "RuntimeDefault" } },
                    Containers = [Container(options)],
                    TerminationGracePeriodSeconds = 15,
                    Volumes = options.NatsCredentialsSecret is { } secret ? [new() { Name = CredentialsVolume, Secret = new() { SecretName = secret, DefaultMode = 288 } }] : null,
                },
            },
        },
    };

    private static Container Container(InstallOptions options) => new()
    {
        Name = "operator",
        Image = options.Image,
        Args =
        [
            "fleet", "operator",
            "--namespace", options.Namespace,
            "--api-budget", options.ApiBudget.ToString(CultureInfo.InvariantCulture),
            "--listen", string.Create(CultureInfo.InvariantCulture, $"0.0.0.0:{InstallOptions.HttpPort}"),
            .. options.NatsCredentialsSecret is null ? [] : new[] { "--nats-creds", $"{CredentialsFolder}/user.creds" },
        ],
        Env = [new() { Name = "NATS_URL", Value = options.NatsUrl }],
        Ports = [new() { Name = "http", Number = InstallOptions.HttpPort }],
        LivenessProbe = new() { HttpGet = new() { Path = "/healthz", Port = InstallOptions.HttpPort }, PeriodSeconds = 10, FailureThreshold = 6 },
        ReadinessProbe = new() { HttpGet = new() { Path = "/readyz", Port = InstallOptions.HttpPort }, PeriodSeconds = 5 },
        Resources = new() { Requests = Amounts("100m", "128Mi"), Limits = Amounts("2", "1Gi") },
        SecurityContext = new() { AllowPrivilegeEscalation = false, ReadOnlyRootFilesystem = true, Capabilities = new() { Drop = ["ALL"] } },
        VolumeMounts = options.NatsCredentialsSecret is null ? null : [new VolumeMount { Name = CredentialsVolume, MountPath = CredentialsFolder, ReadOnly = true }],
    };

    private static Service Metrics(InstallOptions options) => new()
    {
        ApiVersion = "v1",
        Kind = "Service",
        Metadata = Meta(options),
        Spec = new() { Selector = Selector, Ports = [new() { Name = "http", Protocol = "TCP", Port = InstallOptions.HttpPort, TargetPort = InstallOptions.HttpPort }] },
    };

    private static RoleBinding Binding(string kind, string roleKind, string role, InstallOptions options, ObjectMeta metadata) => new()
    {
        ApiVersion = $"{Rbac}/v1",
        Kind = kind,
        Metadata = metadata,
        RoleRef = new() { ApiGroup = Rbac, Kind = roleKind, Name = role },
        Subjects = [new() { Kind = "ServiceAccount", Name = Name, Namespace = options.Namespace }],
    };

    private static ObjectMeta Meta(InstallOptions options) => new() { Name = Name, Namespace = options.Namespace, Labels = Labels };

    private static PolicyRule Rule(string group, ImmutableArray<string> resources, ImmutableArray<string> verbs) => new() { ApiGroups = [group], Resources = resources, Verbs = verbs };

    private static ImmutableSortedDictionary<string, string> Amounts(string cpu, string memory) =>
        ImmutableSortedDictionary<string, string>.Empty.Add("cpu", cpu).Add("memory", memory);
}
