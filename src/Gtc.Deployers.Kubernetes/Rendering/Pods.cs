using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>What the pods of routers and workers have in common (k8s-deployer.md §5.8 to §5.10).</summary>
internal static class Pods
{
    public const int Port = 8080;
    public const string Home = "/var/greentic";
    public const string EnvStore = "gtc-env-store";
    public const string RuntimeConfig = "gtc-runtime-config";
    public const string DevSecrets = "gtc-dev-secrets";
    public const string DevSecretsFile = ".dev.secrets.env";
    public const string SecretsKey = "gtc-secrets-key";
    public const string SecretsKeyFile = "master.key";
    public const string SecretsKeyFolder = "/etc/greentic/secrets-key";
    public const string SigningKey = "gtc-signing-key";
    public const string SigningKeyFile = "revision-signing.key";
    public const string RuntimeConfigFile = "runtime-config.json";
    public const string RuntimeConfigFolder = "/etc/greentic/runtime-config";

    public const string ConsoleKey = "gtc-console-key";
    public const string ConsoleKeyFile = "console.key";
    public const string EnvStoreFolder = "/etc/greentic/env-store";

    // 0440: the pod's group reads it, nobody else.
    private const int KeyMode = 0b100_100_000;

    private const string SigningKeyFolder = "/etc/greentic/signing-key";

    private const string ConsoleKeyFolder = "/etc/greentic/console-key";

    private const long UserId = 65532;

    public static PodSecurityContext SecurityContext { get; } = new()
    {
        RunAsNonRoot = true,
        RunAsUser = UserId,
        RunAsGroup = UserId,
        FsGroup = UserId,
        SeccompProfile = new() { Type = "RuntimeDefault" },
    };

    public static ImmutableArray<ContainerPort> Ports { get; } = [new() { Name = "http", Number = Port }];

    public static ImmutableArray<VolumeMount> Mounts { get; } = [new() { Name = "greentic-home", MountPath = Home }, new() { Name = "tmp", MountPath = "/tmp" }];

    /// <summary>What the worker mounts besides: what was discovered changes under it.</summary>
    public static ImmutableArray<VolumeMount> WorkerMounts { get; } = [.. Mounts, new() { Name = "env-store-src", MountPath = EnvStoreFolder, ReadOnly = true }];

    /// <summary>What the router mounts besides: both files change under it, so that new shares reach it while it runs.</summary>
    public static ImmutableArray<VolumeMount> RouterMounts { get; } =
    [
        .. Mounts,
        new() { Name = "env-store-src", MountPath = EnvStoreFolder, ReadOnly = true },
        new() { Name = "runtime-config", MountPath = RuntimeConfigFolder, ReadOnly = true },
    ];

    public static ImmutableArray<Volume> Volumes { get; } =
    [
        new() { Name = "greentic-home", EmptyDir = new() },
        new() { Name = "tmp", EmptyDir = new() },
        new() { Name = "env-store-src", ConfigMap = new() { Name = EnvStore } },
    ];

    public static ImmutableArray<Volume> RouterVolumes(RenderSettings settings) =>
    [
        .. Volumes,
        new() { Name = "runtime-config", ConfigMap = new() { Name = RuntimeConfig } },
        .. ConsoleVolumes(settings),
        .. settings.Options.SharesSigningKey ? [new() { Name = SigningKey, Secret = new() { SecretName = SigningKey, DefaultMode = KeyMode } }] : Array.Empty<Volume>(),
    ];

    public static Probe Readiness { get; } = new() { HttpGet = new() { Path = "/healthz", Port = Port }, InitialDelaySeconds = 2, PeriodSeconds = 5 };

    /// <summary>A minute to begin in, when probes are asked for.</summary>
    public static Probe? Startup(RenderSettings settings) => settings.Options.ProbesStartAndLife ? Health(period: 2, failures: 30) : null;

    /// <summary>A minute without an answer is the end, when probes are asked for.</summary>
    public static Probe? Liveness(RenderSettings settings) => settings.Options.ProbesStartAndLife ? Health(period: 10, failures: 6) : null;

    public static ImmutableArray<LocalReference>? PullSecrets(RenderSettings settings) =>
        settings.Options.ImagePullSecrets.IsEmpty ? null : [.. settings.Options.ImagePullSecrets.Select(name => new LocalReference { Name = name })];

    /// <summary>Evenly over nodes, as far as that is possible.</summary>
    public static ImmutableArray<TopologySpread> Spread(LabelSelector pods) =>
        [new() { MaxSkew = 1, TopologyKey = "kubernetes.io/hostname", WhenUnsatisfiable = "ScheduleAnyway", LabelSelector = pods }];

    public static Resources Resources { get; } = new() { Limits = Amounts("1", "1Gi"), Requests = Amounts("250m", "256Mi") };

    public static ContainerSecurityContext ContainerSecurity { get; } = new()
    {
        AllowPrivilegeEscalation = false,
        ReadOnlyRootFilesystem = true,
        Capabilities = new() { Drop = ["ALL"] },
    };

    private static Resources StagingResources { get; } = new() { Limits = Amounts("250m", "64Mi"), Requests = Amounts("10m", "32Mi") };

    /// <summary>Copies the environment document to where it can be written beside: gtc itself does it, so that no second image is pulled.</summary>
    public static Container StageEnvStore(EnvId environment, RenderSettings settings) => Stage(
        "stage-env-store", settings, "env-store-src", EnvStoreFolder, $"{EnvStoreFolder}/environment.json", $"{Folder(environment)}/environment.json");

    /// <summary>Puts a link to the environment document where the router looks for it: what changes in the mounted map changes there.</summary>
    public static Container LinkEnvStore(EnvId environment, RenderSettings settings) => Stage(
        "stage-env-store", settings, "env-store-src", EnvStoreFolder, $"{EnvStoreFolder}/environment.json", $"{Folder(environment)}/environment.json", "--link");

    /// <summary>Copies the secrets of the dev store; a missing one is no failure.</summary>
    public static Container StageDevSecrets(EnvId environment, RenderSettings settings) => Stage(
        "stage-dev-secrets", settings, "dev-secrets-src", "/etc/greentic/dev-secrets", $"/etc/greentic/dev-secrets/{DevSecretsFile}", $"{Folder(environment)}/.greentic/dev/{DevSecretsFile}", "--optional");

    /// <summary>Copies the key that routers share to where a router looks for it.</summary>
    public static Container StageSigningKey(EnvId environment, RenderSettings settings) => Stage(
        "stage-signing-key", settings, SigningKey, SigningKeyFolder, $"{SigningKeyFolder}/{SigningKeyFile}", $"{Folder(environment)}/{SigningKeyFile}");

    /// <summary>The mount of the key with which routers vouch for callers, when they do.</summary>
    public static VolumeMount[] ConsoleMounts(RenderSettings settings) => settings.Options.ServesConsole ? [new() { Name = ConsoleKey, MountPath = ConsoleKeyFolder, ReadOnly = true }] : [];

    /// <summary>The volume of that key.</summary>
    public static Volume[] ConsoleVolumes(RenderSettings settings) => settings.Options.ServesConsole ? [new() { Name = ConsoleKey, Secret = new() { SecretName = ConsoleKey, DefaultMode = KeyMode } }] : [];

    /// <summary>Annotations that change with what a pod reads once, when it starts, so that new content makes new pods; null without any.</summary>
    public static ImmutableSortedDictionary<string, string>? Stamps(params ReadOnlySpan<(string Name, string Content)?> contents)
    {
        var stamps = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
        foreach (var content in contents)
        {
            stamps = content is { } known ? stamps.Add(known.Name, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(known.Content)))) : stamps;
        }

        return stamps.IsEmpty ? null : stamps;
    }

    /// <summary>Of the key that routers share.</summary>
    public static (string Name, string Content)? SigningKeyStamp(RenderSettings settings) => settings is { Options.SharesSigningKey: true, SigningKey: { } key } ? ("greentic.ai/signing-key-hash", key) : null;

    /// <summary>Of the key with which routers vouch for callers: one side that knows another refuses the other.</summary>
    public static (string Name, string Content)? ConsoleKeyStamp(RenderSettings settings) => settings is { Options.ServesConsole: true, ConsoleKey: { } key } ? ("greentic.ai/console-key-hash", key) : null;

    public static ImmutableArray<EnvVar> Variables(EnvId environment, RenderSettings settings)
    {
        ImmutableArray<EnvVar> variables =
        [
            new() { Name = "GREENTIC_ENV_ID", Value = environment.ToString() },
            new() { Name = "HOME", Value = Home },
            new() { Name = "GREENTIC_GATEWAY_LISTEN_ADDR", Value = "0.0.0.0" },
            new() { Name = "RAYON_NUM_THREADS", Value = "4" },
        ];
        if (!settings.InsecureRegistries.IsEmpty)
        {
            variables = variables.Add(new() { Name = "GREENTIC_OCI_INSECURE_REGISTRIES", Value = string.Join(',', settings.InsecureRegistries) });
        }

        if (settings.Options.ServesConsole)
        {
            variables = variables.Add(new() { Name = "GREENTIC_CONSOLE_KEY_FILE", Value = $"{ConsoleKeyFolder}/{ConsoleKeyFile}" });
        }

        return settings.Telemetry is { } telemetry ? variables.AddRange(telemetry.Variables.Select(variable => new EnvVar { Name = variable.Key, Value = variable.Value })) : variables;
    }

    private static Probe Health(int period, int failures) => new() { HttpGet = new() { Path = "/healthz", Port = Port }, PeriodSeconds = period, FailureThreshold = failures };

    private static string Folder(EnvId environment) => $"{Home}/.greentic/environments/{environment}";

    private static Container Stage(string name, RenderSettings settings, string volume, string mount, string from, string to, params ImmutableArray<string> more) => new()
    {
        Name = name,
        Image = settings.RuntimeImage,
        ImagePullPolicy = settings.Options.ImagePullPolicy,
        Args = ["stage-file", "--from", from, "--to", to, .. more],
        VolumeMounts = [new() { Name = volume, MountPath = mount, ReadOnly = true }, new() { Name = "greentic-home", MountPath = Home }],
        Resources = StagingResources,
        SecurityContext = ContainerSecurity,
    };

    private static ImmutableSortedDictionary<string, string> Amounts(string processors, string memory) =>
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("cpu", processors).Add("memory", memory);
}
