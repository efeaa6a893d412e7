using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gtc.Kubernetes;

namespace Gtc.Fleet.Operator.Installing;

/// <summary>Makes the typed objects of a <see cref="NatsServerScore"/>.</summary>
internal static class NatsObjects
{
    private const string ConfigVolume = "config";
    private const string DataVolume = "data";
    private const string TlsVolume = "tls";
    private const string ConfigFolder = "/etc/nats";
    private const string ConfigFile = "nats.conf";
    private const int MonitorPort = 8222;
    private const long UserId = 65532;

    public static ImmutableArray<JsonElement> Of(NatsServerScore score, string policyVersion)
    {
        var config = NatsConfigText.Of(score.Config);
        KubeObject?[] objects =
        [
            new NamespaceObject { ApiVersion = "v1", Kind = "Namespace", Metadata = new() { Name = score.Namespace } },
            Config(score, config),
            Clients(score),
            Headless(score),
            Workload(score, config),
            Budget(score, policyVersion),
        ];
        return [.. objects.OfType<KubeObject>().Select(KubeJson.ToElement)];
    }

    private static KubeObject Config(NatsServerScore score, string config) => score.Config.HoldsSecrets
        ? new Secret { ApiVersion = "v1", Kind = "Secret", Metadata = Meta(score, "-config"), Type = "Opaque", Data = Map((ConfigFile, Convert.ToBase64String(Encoding.UTF8.GetBytes(config)))) }
        : new ConfigMap { ApiVersion = "v1", Kind = "ConfigMap", Metadata = Meta(score, "-config"), Data = Map((ConfigFile, config)) };

    private static Service Clients(NatsServerScore score) => new()
    {
        ApiVersion = "v1",
        Kind = "Service",
        Metadata = Meta(score),
        Spec = new()
        {
            Type = score.Exposure switch
            {
                NatsExposure.NodePort => "NodePort",
                NatsExposure.LoadBalancer => "LoadBalancer",
                _ => "ClusterIP",
            },
            Selector = Selector(score),
            Ports =
            [
                Port("client", NatsServerScore.ClientPort) with { NodePort = (score.Exposure as NatsExposure.NodePort)?.Port },
                .. score.Config.LeafNodes?.Listen is { } leaf ? [Port("leafnodes", PortOf(leaf))] : Array.Empty<ServicePort>(),
                .. score.Config.Gateway is { } gateway ? [Port("gateway", PortOf(gateway.Listen))] : Array.Empty<ServicePort>(),
                .. score.Config.WebSocket is { } socket ? [Port("websocket", PortOf(socket.Listen))] : Array.Empty<ServicePort>(),
            ],
        },
    };

    private static Service? Headless(NatsServerScore score) => score.Workload == NatsWorkload.Deployment ? null : new()
    {
        ApiVersion = "v1",
        Kind = "Service",
        Metadata = Meta(score, "-headless"),
        Spec = new()
        {
            ClusterIp = "None",
            PublishNotReadyAddresses = true,
            Selector = Selector(score),
            Ports = [Port("client", NatsServerScore.ClientPort), .. score.Config.Cluster is { } cluster ? [Port("cluster", PortOf(cluster.Listen))] : Array.Empty<ServicePort>()],
        },
    };

    private static KubeObject Workload(NatsServerScore score, string config)
    {
        var template = Template(score, config);
        return score.Workload == NatsWorkload.Deployment
            ? new Deployment { ApiVersion = "apps/v1", Kind = "Deployment", Metadata = Meta(score), Spec = new() { Replicas = score.Replicas, Selector = new() { MatchLabels = Selector(score) }, Template = template } }
            : new StatefulSet
            {
                ApiVersion = "apps/v1",
                Kind = "StatefulSet",
                Metadata = Meta(score),
                Spec = new()
                {
                    ServiceName = $"{score.Name}-headless",
                    Replicas = score.Replicas,
                    PodManagementPolicy = "Parallel",
                    Selector = new() { MatchLabels = Selector(score) },
                    Template = template,
                    VolumeClaimTemplates = score.Volume is { } volume
                        ? [new() { Metadata = new() { Name = DataVolume }, Spec = new() { AccessModes = ["ReadWriteOnce"], StorageClassName = volume.StorageClass, Resources = new() { Requests = Map(("storage", volume.Size)) } } }]
                        : null,
                },
            };
    }

    private static PodTemplate Template(NatsServerScore score, string config) => new()
    {
        // Another configuration is another template, so that servers are started anew with it.
        Metadata = new() { Labels = Labels(score), Annotations = Map(("fleet.nationtech.io/config-sha256", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(config))))) },
        Spec = new()
        {
            AutomountServiceAccountToken = false,
            SecurityContext = new() { RunAsNonRoot = true, RunAsUser = UserId, RunAsGroup = UserId, FsGroup = UserId, SeccompProfile = new() { Type = "RuntimeDefault" } },
            TopologySpreadConstraints = score.IsSpread
                ? [new() { MaxSkew = 1, TopologyKey = "kubernetes.io/hostname", WhenUnsatisfiable = "ScheduleAnyway", LabelSelector = new() { MatchLabels = Selector(score) } }]
                : null,
            Containers = [Server(score)],
            TerminationGracePeriodSeconds = 60,
            Volumes =
            [
                score.Config.HoldsSecrets
                    ? new() { Name = ConfigVolume, Secret = new() { SecretName = $"{score.Name}-config", DefaultMode = 288 } }
                    : new() { Name = ConfigVolume, ConfigMap = new() { Name = $"{score.Name}-config" } },
                .. score.Volume is null ? [new() { Name = DataVolume, EmptyDir = new() }] : Array.Empty<Volume>(),
                .. score.TlsSecret is { } secret ? [new() { Name = TlsVolume, Secret = new() { SecretName = secret, DefaultMode = 288 } }] : Array.Empty<Volume>(),
            ],
        },
    };

    private static Container Server(NatsServerScore score) => new()
    {
        Name = "nats",
        Image = score.Image,
        Args = ["--config", $"{ConfigFolder}/{ConfigFile}", .. score.Config.JetStream is null ? Array.Empty<string>() : ["-js"]],
        Ports =
        [
            new() { Name = "client", Number = NatsServerScore.ClientPort },
            new() { Name = "monitor", Number = MonitorPort },
            .. score.Config.Cluster is { } cluster ? [new() { Name = "cluster", Number = PortOf(cluster.Listen) }] : Array.Empty<ContainerPort>(),
        ],
        StartupProbe = Asked("/healthz", 60),
        LivenessProbe = Asked("/", 3),
        ReadinessProbe = Asked("/healthz", 3),
        Resources = new() { Requests = Map(("cpu", score.Requests.Cpu), ("memory", score.Requests.Memory)), Limits = Map(("memory", score.MemoryLimit)) },
        SecurityContext = new() { AllowPrivilegeEscalation = false, ReadOnlyRootFilesystem = true, Capabilities = new() { Drop = ["ALL"] } },
        VolumeMounts =
        [
            new() { Name = ConfigVolume, MountPath = ConfigFolder, ReadOnly = true },
            new() { Name = DataVolume, MountPath = score.Config.JetStream?.StoreFolder ?? "/data" },
            .. score.TlsSecret is null ? Array.Empty<VolumeMount>() : [new() { Name = TlsVolume, MountPath = $"{ConfigFolder}/tls", ReadOnly = true }],
        ],
    };

    private static PodDisruptionBudget? Budget(NatsServerScore score, string policyVersion) => score.MaxUnavailable is not { } most ? null : new()
    {
        ApiVersion = policyVersion,
        Kind = "PodDisruptionBudget",
        Metadata = Meta(score),
        Spec = new() { MaxUnavailable = most, Selector = new() { MatchLabels = Selector(score) } },
    };

    private static Probe Asked(string path, int failures) => new() { HttpGet = new() { Path = path, Port = MonitorPort }, PeriodSeconds = 5, FailureThreshold = failures };

    private static ServicePort Port(string name, int number) => new() { Name = name, Protocol = "TCP", Port = number, TargetPort = number };

    private static int PortOf(string listen) => int.Parse(listen.AsSpan(listen.LastIndexOf(':') + 1), CultureInfo.InvariantCulture);

    private static ObjectMeta Meta(NatsServerScore score, string suffix = "") => new() { Name = score.Name + suffix, Namespace = score.Namespace, Labels = Labels(score) };

    private static ImmutableSortedDictionary<string, string> Labels(NatsServerScore score) => score.ExtraLabels.SetItems(Selector(score)).SetItem("app.kubernetes.io/part-of", "gtc-fleet");

    private static ImmutableSortedDictionary<string, string> Selector(NatsServerScore score) => Map(("app.kubernetes.io/name", "nats"), ("app.kubernetes.io/instance", score.Name));

    private static ImmutableSortedDictionary<string, string> Map(params (string Key, string Value)[] pairs) =>
        pairs.ToImmutableSortedDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
}
