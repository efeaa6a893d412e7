using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>The two objects of one revision that runs (k8s-deployer.md §6).</summary>
internal static class WorkerObjects
{
    private const string DevStoreHash = "greentic.ai/dev-store-hash";
    private const string NoDevStore = "<empty>";

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
                Replicas = 1,
                Selector = selector,
                Template = new() { Metadata = new() { Labels = labels, Annotations = Annotations(settings.Secrets) }, Spec = Pod(revision, settings) },
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
    }

    /// <summary>Changes with the secrets, so that a change of them rolls the pods: they are copied when a pod starts and not again.</summary>
    private static ImmutableSortedDictionary<string, string>? Annotations(SecretsBackend secrets) => secrets is SecretsBackend.DevStore { StampsPods: true } store
        ? ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add(DevStoreHash, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(store.Base64 ?? NoDevStore))))
        : null;

    private static PodSpec Pod(Revision revision, RenderSettings settings)
    {
        var hasDevStore = settings.Secrets is SecretsBackend.DevStore;
        var isSealed = settings.Secrets is SecretsBackend.DevStore { IsSealed: true };
        var hasVault = settings.Secrets is SecretsBackend.Vault;
        ImmutableArray<Container> staging = [Pods.StageEnvStore(revision.EnvId, settings.RuntimeImage)];
        return new()
        {
            ServiceAccountName = hasVault ? EnvironmentObjects.WorkerAccount : null,
            AutomountServiceAccountToken = hasVault ? null : false,
            SecurityContext = Pods.SecurityContext,
            InitContainers = hasDevStore ? staging.Add(Pods.StageDevSecrets(revision.EnvId, settings.RuntimeImage)) : staging,
            Containers =
            [
                new()
                {
                    Name = "worker",
                    Image = settings.RuntimeImage,
                    Args = Arguments(revision, settings),
                    Ports = Pods.Ports,
                    Env = [.. Pods.Variables(revision.EnvId, settings), .. Identity(revision), .. Secrets(settings.Secrets)],
                    VolumeMounts = isSealed ? Pods.Mounts.Add(new() { Name = "secrets-key", MountPath = Pods.SecretsKeyFolder, ReadOnly = true }) : Pods.Mounts,
                    ReadinessProbe = Pods.Readiness,
                    Resources = Pods.Resources,
                    SecurityContext = Pods.ContainerSecurity,
                },
            ],
            TerminationGracePeriodSeconds = revision.DrainSeconds == DefaultDrain ? null : Math.Max(revision.DrainSeconds, 1),
            Volumes =
            [
                .. Pods.Volumes,
                .. hasDevStore ? [new() { Name = "dev-secrets-src", Secret = new() { SecretName = Pods.DevSecrets, Optional = true } }] : Array.Empty<Volume>(),
                .. isSealed ? [new() { Name = "secrets-key", Secret = new() { SecretName = Pods.SecretsKey, DefaultMode = KeyMode } }] : Array.Empty<Volume>(),
            ],
        };
    }

    private static ImmutableArray<EnvVar> Secrets(SecretsBackend secrets) => secrets switch
    {
        SecretsBackend.Vault vault => vault.Variables,
        SecretsBackend.DevStore { IsSealed: true } => [new() { Name = "GREENTIC_SECRETS_MASTER_KEY_FILE", Value = $"{Pods.SecretsKeyFolder}/{Pods.SecretsKeyFile}" }],
        _ => [],
    };

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
