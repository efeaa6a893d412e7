using System.Collections.Immutable;
using System.Text;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>The objects that an environment has once (k8s-deployer.md §5).</summary>
internal static class EnvironmentObjects
{
    public const string WorkerAccount = "gtc-worker";

    public const string Router = "gtc-router";

    private static readonly Version PolicyV1 = new(1, 21);

    public static IEnumerable<KubeObject> Of(EnvironmentDocument document, RenderSettings settings)
    {
        var environment = document.EnvironmentId;
        var router = Labels.Of(environment, Labels.Router);
        yield return new NamespaceObject { ApiVersion = "v1", Kind = "Namespace", Metadata = new() { Name = settings.Namespace, Labels = NamespaceLabels(environment) } };
        yield return Files(
            Pods.EnvStore,
            "env-store",
            ("environment.json", Encoding.UTF8.GetString(Documents.Environment.ToLine(document))),
            (CarriedRuntime.FileName, CarriedRuntime.Text(document, settings.Discovered)));
        yield return Files(Pods.RuntimeConfig, Labels.Router, (Pods.RuntimeConfigFile, Encoding.UTF8.GetString(Documents.RuntimeConfig.ToLine(RuntimeProjection.Project(document)))));
        yield return new Deployment
        {
            ApiVersion = "apps/v1",
            Kind = "Deployment",
            Metadata = Meta(Router, router),
            Spec = new()
            {
                Replicas = settings.Options.RouterMaxReplicas is null ? settings.RouterReplicas : null,
                Selector = new() { MatchLabels = router },
                Template = new() { Metadata = new() { Labels = router, Annotations = Pods.Stamps(Pods.SigningKeyStamp(settings), Pods.ConsoleKeyStamp(settings)) }, Spec = RouterPod(environment, settings, router) },
            },
        };
        yield return new Service
        {
            ApiVersion = "v1",
            Kind = "Service",
            Metadata = Meta(Router, router),
            Spec = new() { Type = "ClusterIP", Selector = router, Ports = [new() { Name = "http", Protocol = "TCP", Port = Pods.Port, TargetPort = Pods.Port }] },
        };
        yield return DisruptionBudget(Meta(Router, router), new() { MatchLabels = router }, settings);
        foreach (var policy in NetworkPolicies.Of(document, settings))
        {
            yield return policy;
        }

        if (Secrets(settings.Secrets) is { } secrets)
        {
            yield return secrets;
        }

        if (settings.Secrets is SecretsBackend.DevStore { IsSealed: true } shut)
        {
            yield return Opaque(Pods.SecretsKey, Pods.SecretsKeyFile, shut.Key is { } key ? Convert.ToBase64String(Encoding.ASCII.GetBytes(key)) : null);
        }

        if (settings.Options.SharesSigningKey)
        {
            yield return Opaque(Pods.SigningKey, Pods.SigningKeyFile, settings.SigningKey);
        }

        if (settings.Options.ServesConsole)
        {
            yield return Opaque(Pods.ConsoleKey, Pods.ConsoleKeyFile, settings.ConsoleKey);
        }

        foreach (var optional in OptionalObjects.Of(environment, settings))
        {
            yield return optional;
        }

        ObjectMeta Meta(string name, ImmutableSortedDictionary<string, string> labels) => new() { Name = name, Namespace = settings.Namespace, Labels = labels };

        ConfigMap Files(string name, string component, params ReadOnlySpan<(string Key, string? Text)> files) => new()
        {
            ApiVersion = "v1",
            Kind = "ConfigMap",
            Metadata = Meta(name, Labels.Of(environment, component)),
            Data = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, [.. from file in files.ToArray() where file.Text is not null select KeyValuePair.Create(file.Key, file.Text)]),
        };

        Secret Opaque(string name, string key, string? content) => new()
        {
            ApiVersion = "v1",
            Kind = "Secret",
            Metadata = Meta(name, Labels.Of(environment, "dev-secrets")),
            Type = "Opaque",
            Data = content is null
                ? ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
                : ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add(key, content),
        };

        KubeObject? Secrets(SecretsBackend backend) => backend switch
        {
            SecretsBackend.DevStore store => Opaque(Pods.DevSecrets, Pods.DevSecretsFile, store.Base64),
            SecretsBackend.Vault => new ServiceAccount { ApiVersion = "v1", Kind = "ServiceAccount", Metadata = Meta(WorkerAccount, Labels.Of(environment, Labels.Worker)) },
            _ => null,
        };
    }

    /// <summary>One pod at least stays when nodes are emptied.</summary>
    public static PodDisruptionBudget DisruptionBudget(ObjectMeta metadata, LabelSelector pods, RenderSettings settings) => new()
    {
        ApiVersion = BudgetVersion(settings),
        Kind = "PodDisruptionBudget",
        Metadata = metadata,
        Spec = new() { MinAvailable = 1, Selector = pods },
    };

    /// <summary>The version of disruption budgets that the cluster has.</summary>
    public static string BudgetVersion(RenderSettings settings) => settings.KubeVersion < PolicyV1 ? "policy/v1beta1" : "policy/v1";

    /// <summary>The pods pass the restricted profile, so the cluster may insist on it.</summary>
    public static ImmutableSortedDictionary<string, string> NamespaceLabels(EnvId environment) => Labels.Of(environment, "namespace")
        .Add("pod-security.kubernetes.io/enforce", "restricted")
        .Add("pod-security.kubernetes.io/audit", "restricted")
        .Add("pod-security.kubernetes.io/warn", "restricted");

    private static PodSpec RouterPod(EnvId environment, RenderSettings settings, ImmutableSortedDictionary<string, string> labels) => new()
    {
        AutomountServiceAccountToken = false,
        SecurityContext = Pods.SecurityContext,
        ImagePullSecrets = Pods.PullSecrets(settings),
        TopologySpreadConstraints = Pods.Spread(new() { MatchLabels = labels }),
        InitContainers = settings.Options.SharesSigningKey ? [Pods.LinkEnvStore(environment, settings), Pods.StageSigningKey(environment, settings)] : [Pods.LinkEnvStore(environment, settings)],
        Containers =
        [
            new()
            {
                Name = "router",
                Image = settings.RuntimeImage,
                ImagePullPolicy = settings.Options.ImagePullPolicy,
                Args = ["start", "--env", environment.ToString()],
                Ports = Pods.Ports,
                Env = [.. Pods.Variables(environment, settings), new() { Name = "GREENTIC_ROLE", Value = "router" }, new() { Name = "GREENTIC_RUNTIME_CONFIG_PATH", Value = $"{Pods.RuntimeConfigFolder}/{Pods.RuntimeConfigFile}" }],
                VolumeMounts = [.. Pods.RouterMounts, .. Pods.ConsoleMounts(settings)],
                StartupProbe = Pods.Startup(settings),
                LivenessProbe = Pods.Liveness(settings),
                ReadinessProbe = Pods.Readiness,
                Resources = Pods.Resources,
                SecurityContext = Pods.ContainerSecurity,
            },
        ],
        Volumes = Pods.RouterVolumes(settings),
    };
}
