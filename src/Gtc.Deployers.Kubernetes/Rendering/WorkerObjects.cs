using System.Collections.Immutable;
using System.Globalization;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>The two objects of one revision that runs (k8s-deployer.md §6); three when it has several pods.</summary>
internal static class WorkerObjects
{
    private const string DevStoreHash = "greentic.ai/dev-store-hash";
    private const string NoDevStore = "<empty>";
    private const string TokenVolume = "worker-token";
    private const long TokenSeconds = 3600;

    /// <summary>A token that lasts an hour and is renewed, where clients of Vault look for it; older clusters would mount one that never ends.</summary>
    private static Volume Token { get; } = new() { Name = TokenVolume, Projected = new() { Sources = [new() { ServiceAccountToken = new() { Path = "token", ExpirationSeconds = TokenSeconds } }] } };

    private static VolumeMount TokenMount { get; } = new() { Name = TokenVolume, MountPath = "/var/run/secrets/kubernetes.io/serviceaccount", ReadOnly = true };

    // 0440: the pod's group reads it, nobody else.
    private const int KeyMode = 0b100_100_000;

    // What a cluster gives every pod, and `gtc start` takes, when nothing is said.
    private const uint DefaultDrain = 30;

    public static string NameOf(RevisionId revision) => $"gtc-worker-{revision.ToString().ToLowerInvariant()}";

    public static IEnumerable<KubeObject> Of(Revision revision, RenderSettings settings)
    {
        var labels = Labels.OfWorker(revision);
        var selector = Labels.Selector((Labels.Revision, revision.RevisionId.ToString()));
        var metadata = new ObjectMeta { Name = NameOf(revision.RevisionId), Namespace = settings.Namespace, Labels = labels };
        yield return new Deployment
        {
            ApiVersion = "apps/v1",
            Kind = "Deployment",
            Metadata = metadata,
            Spec = new()
            {
                Replicas = settings.Options.WorkerReplicas,
                Selector = selector,
                Template = new() { Metadata = new() { Labels = labels, Annotations = Pods.Stamps(SecretsStamp(settings), Pods.ConsoleKeyStamp(settings)) }, Spec = Pod(revision, settings) },
            },
        };
        yield return new Service
        {
            ApiVersion = "v1",
            Kind = "Service",
            Metadata = metadata,
            Spec = new()
            {
                Type = "ClusterIP",
                Selector = selector.MatchLabels,
                Ports = [new() { Name = "http", Protocol = "TCP", Port = Pods.Port, TargetPort = Pods.Port }],
            },
        };
        if (settings.Options.WorkerReplicas > 1)
        {
            yield return EnvironmentObjects.DisruptionBudget(metadata, selector, settings);
        }
    }

    private static (string Name, string Content)? SecretsStamp(RenderSettings settings) =>
        settings.Secrets is SecretsBackend.DevStore { StampsPods: true } store ? (DevStoreHash, store.Base64 ?? NoDevStore) : null;

    private static PodSpec Pod(Revision revision, RenderSettings settings)
    {
        var hasDevStore = settings.Secrets is SecretsBackend.DevStore;
        var isSealed = settings.Secrets is SecretsBackend.DevStore { IsSealed: true };
        var hasVault = settings.Secrets is SecretsBackend.Vault;
        ImmutableArray<Container> staging = [Pods.StageEnvStore(revision.EnvId, settings)];
        return new()
        {
            ServiceAccountName = hasVault ? EnvironmentObjects.WorkerAccount : null,
            AutomountServiceAccountToken = false,
            ImagePullSecrets = Pods.PullSecrets(settings),
            SecurityContext = Pods.SecurityContext,
            TopologySpreadConstraints = settings.Options.WorkerReplicas > 1 ? Pods.Spread(Labels.Selector((Labels.Revision, revision.RevisionId.ToString()))) : null,
            InitContainers = hasDevStore ? staging.Add(Pods.StageDevSecrets(revision.EnvId, settings)) : staging,
            Containers =
            [
                new()
                {
                    Name = "worker",
                    Image = settings.RuntimeImage,
                    ImagePullPolicy = settings.Options.ImagePullPolicy,
                    Args = Arguments(revision, settings),
                    Ports = Pods.Ports,
                    Env = [.. Pods.Variables(revision.EnvId, settings), .. Identity(revision), .. Secrets(settings.Secrets), .. Shared(settings), .. Egress(settings), .. WorkerSecrets.Variables(revision.EnvId, settings.Options)],
                    VolumeMounts =
                    [
                        .. Pods.WorkerMounts,
                        .. Pods.ConsoleMounts(settings),
                        .. isSealed ? [new() { Name = "secrets-key", MountPath = Pods.SecretsKeyFolder, ReadOnly = true }] : Array.Empty<VolumeMount>(),
                        .. hasVault ? [TokenMount] : Array.Empty<VolumeMount>(),
                        .. WorkerSecrets.Mounts(settings.Options),
                    ],
                    StartupProbe = Pods.Startup(settings),
                    LivenessProbe = Pods.Liveness(settings),
                    ReadinessProbe = Pods.Readiness,
                    Resources = Pods.Resources,
                    SecurityContext = Pods.ContainerSecurity,
                },
            ],
            TerminationGracePeriodSeconds = revision.DrainSeconds == DefaultDrain ? null : Math.Max(revision.DrainSeconds, 1),
            Volumes =
            [
                .. Pods.Volumes,
                .. Pods.ConsoleVolumes(settings),
                .. hasDevStore ? [new() { Name = "dev-secrets-src", Secret = new() { SecretName = Pods.DevSecrets, Optional = true } }] : Array.Empty<Volume>(),
                .. isSealed ? [new() { Name = "secrets-key", Secret = new() { SecretName = Pods.SecretsKey, DefaultMode = KeyMode } }] : Array.Empty<Volume>(),
                .. hasVault ? [Token] : Array.Empty<Volume>(),
                .. WorkerSecrets.Volumes(settings.Options),
            ],
        };
    }

    private static ImmutableArray<EnvVar> Secrets(SecretsBackend secrets) => secrets switch
    {
        SecretsBackend.Vault vault => vault.Variables,
        SecretsBackend.DevStore { IsSealed: true } => [new() { Name = "GREENTIC_SECRETS_MASTER_KEY_FILE", Value = $"{Pods.SecretsKeyFolder}/{Pods.SecretsKeyFile}" }],
        _ => [],
    };

    private static IEnumerable<EnvVar> Shared(RenderSettings settings) =>
    [
        new() { Name = CarriedRuntime.Variable, Value = $"{Pods.EnvStoreFolder}/{CarriedRuntime.FileName}" },
        .. settings.SharedStores.Select(variable => new EnvVar { Name = variable.Key, Value = variable.Value }),
    ];

    private static IEnumerable<EnvVar> Egress(RenderSettings settings) =>
        settings.Options.ComponentEgress is { } egress ? [new() { Name = EgressList.Variable, Value = egress }] : [];

    private static ImmutableArray<string> Arguments(Revision revision, RenderSettings settings)
    {
        ImmutableArray<string> arguments = ["start", "--env", revision.EnvId.ToString()];
        return settings.OpensTunnel ? arguments.AddRange("--cloudflared", "on", "--cloudflared-binary", "/usr/local/bin/cloudflared") : arguments;
    }

    private static IEnumerable<EnvVar> Identity(Revision revision) =>
    [
        new() { Name = "GREENTIC_REVISION_ID", Value = revision.RevisionId.ToString() },
        new() { Name = "GREENTIC_DEPLOYMENT_ID", Value = revision.DeploymentId.ToString() },
        new() { Name = "GREENTIC_BUNDLE_ID", Value = revision.BundleId },
        new() { Name = "GREENTIC_BUNDLE_DIGEST", Value = revision.BundleDigest },
        .. revision.DrainSeconds == DefaultDrain ? Array.Empty<EnvVar>() : [new() { Name = "GREENTIC_DRAIN_SECONDS", Value = revision.DrainSeconds.ToString(CultureInfo.InvariantCulture) }],
    ];
}
