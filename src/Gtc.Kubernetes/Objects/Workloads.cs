using System.Collections.Immutable;

namespace Gtc.Kubernetes;

/// <summary>apps/v1 Deployment.</summary>
public sealed record Deployment : KubeObject
{
    /// <summary>What is wanted.</summary>
    public required DeploymentSpec Spec { get; init; }

    /// <summary>What is; set by the server.</summary>
    public DeploymentStatus? Status { get; init; }
}

/// <summary>What a Deployment wants.</summary>
public sealed record DeploymentSpec : KeepsUnknown
{
    /// <summary>How many pods; null leaves it to an autoscaler.</summary>
    public int? Replicas { get; init; }

    /// <summary>Which pods are its own; cannot be changed.</summary>
    public required LabelSelector Selector { get; init; }

    /// <summary>What its pods are.</summary>
    public required PodTemplate Template { get; init; }
}

/// <summary>How far a Deployment is.</summary>
public sealed record DeploymentStatus : KeepsUnknown
{
    /// <summary>The generation that these numbers are of.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>All pods.</summary>
    public int? Replicas { get; init; }

    /// <summary>Those of the newest template.</summary>
    public int? UpdatedReplicas { get; init; }

    /// <summary>Those that were ready long enough.</summary>
    public int? AvailableReplicas { get; init; }
}

/// <summary>What pods are made from.</summary>
public sealed record PodTemplate : KeepsUnknown
{
    /// <summary>Labels and annotations.</summary>
    public required ObjectMeta Metadata { get; init; }

    /// <summary>What is wanted.</summary>
    public required PodSpec Spec { get; init; }
}

/// <summary>What a pod wants.</summary>
public sealed record PodSpec : KeepsUnknown
{
    /// <summary>Secrets for pulling the images.</summary>
    public ImmutableArray<LocalReference>? ImagePullSecrets { get; init; }

    /// <summary>Whose token its containers may hold.</summary>
    public string? ServiceAccountName { get; init; }

    /// <summary>Whether they get it without asking.</summary>
    public bool? AutomountServiceAccountToken { get; init; }

    /// <summary>Who its processes are.</summary>
    public PodSecurityContext? SecurityContext { get; init; }

    /// <summary>How pods are spread over nodes.</summary>
    public ImmutableArray<TopologySpread>? TopologySpreadConstraints { get; init; }

    /// <summary>Containers that end before the others begin, one after the other.</summary>
    public ImmutableArray<Container>? InitContainers { get; init; }

    /// <summary>The containers.</summary>
    public required ImmutableArray<Container> Containers { get; init; }

    /// <summary>How long a stop may take, in seconds.</summary>
    public long? TerminationGracePeriodSeconds { get; init; }

    /// <summary>What can be mounted.</summary>
    public ImmutableArray<Volume>? Volumes { get; init; }
}

/// <summary>An object of the same namespace, by its name.</summary>
public sealed record LocalReference : KeepsUnknown
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }
}

/// <summary>Who the processes of a pod are.</summary>
public sealed record PodSecurityContext : KeepsUnknown
{
    /// <summary>Refuses a root user.</summary>
    public bool? RunAsNonRoot { get; init; }

    /// <summary>The user id.</summary>
    public long? RunAsUser { get; init; }

    /// <summary>The group id.</summary>
    public long? RunAsGroup { get; init; }

    /// <summary>The group that owns volumes.</summary>
    public long? FsGroup { get; init; }

    /// <summary>Which system calls are allowed.</summary>
    public SeccompProfile? SeccompProfile { get; init; }
}

/// <summary>Which system calls are allowed.</summary>
public sealed record SeccompProfile : KeepsUnknown
{
    /// <summary>E.g. <c>RuntimeDefault</c>.</summary>
    public required string Type { get; init; }
}

/// <summary>How pods are spread.</summary>
public sealed record TopologySpread : KeepsUnknown
{
    /// <summary>How uneven it may be.</summary>
    public required int MaxSkew { get; init; }

    /// <summary>The node label whose values are the places.</summary>
    public required string TopologyKey { get; init; }

    /// <summary>What happens when it cannot be so.</summary>
    public required string WhenUnsatisfiable { get; init; }

    /// <summary>Which pods count.</summary>
    public LabelSelector? LabelSelector { get; init; }
}

/// <summary>One container.</summary>
public sealed record Container : KeepsUnknown
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its image.</summary>
    public required string Image { get; init; }

    /// <summary>When the image is pulled; null leaves it to the cluster.</summary>
    public string? ImagePullPolicy { get; init; }

    /// <summary>The image's entry point is given these.</summary>
    public ImmutableArray<string>? Args { get; init; }

    /// <summary>Ports that it listens on.</summary>
    public ImmutableArray<ContainerPort>? Ports { get; init; }

    /// <summary>Environment variables, in order.</summary>
    public ImmutableArray<EnvVar>? Env { get; init; }

    /// <summary>What is mounted where.</summary>
    public ImmutableArray<VolumeMount>? VolumeMounts { get; init; }

    /// <summary>Whether it has begun; the other probes wait for it.</summary>
    public Probe? StartupProbe { get; init; }

    /// <summary>Whether it is alive; restarted when it is not.</summary>
    public Probe? LivenessProbe { get; init; }

    /// <summary>Whether it may be sent requests.</summary>
    public Probe? ReadinessProbe { get; init; }

    /// <summary>What it needs and may have.</summary>
    public Resources? Resources { get; init; }

    /// <summary>What its processes may do.</summary>
    public ContainerSecurityContext? SecurityContext { get; init; }
}

/// <summary>A port of a container.</summary>
public sealed record ContainerPort : KeepsUnknown
{
    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>The number.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("containerPort")]
    public required int Number { get; init; }
}

/// <summary>An environment variable.</summary>
public sealed record EnvVar : KeepsUnknown
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its value.</summary>
    public string? Value { get; init; }

    /// <summary>Where its value comes from; null when it is <see cref="Value"/>.</summary>
    public EnvVarSource? ValueFrom { get; init; }
}

/// <summary>Where the value of a variable comes from.</summary>
public sealed record EnvVarSource : KeepsUnknown
{
    /// <summary>A key of a Secret.</summary>
    public SecretKeyReference? SecretKeyRef { get; init; }
}

/// <summary>A key of a Secret in the same namespace.</summary>
public sealed record SecretKeyReference : KeepsUnknown
{
    /// <summary>The Secret.</summary>
    public required string Name { get; init; }

    /// <summary>The key.</summary>
    public required string Key { get; init; }
}

/// <summary>A mount.</summary>
public sealed record VolumeMount : KeepsUnknown
{
    /// <summary>The volume.</summary>
    public required string Name { get; init; }

    /// <summary>Where it appears.</summary>
    public required string MountPath { get; init; }

    /// <summary>Whether it can be written to.</summary>
    public bool? ReadOnly { get; init; }
}

/// <summary>How the kubelet asks whether a container is well.</summary>
public sealed record Probe : KeepsUnknown
{
    /// <summary>A request over HTTP.</summary>
    public HttpGetAction? HttpGet { get; init; }

    /// <summary>Seconds before the first one.</summary>
    public int? InitialDelaySeconds { get; init; }

    /// <summary>Seconds between two.</summary>
    public int? PeriodSeconds { get; init; }

    /// <summary>How many failures in a row count.</summary>
    public int? FailureThreshold { get; init; }
}

/// <summary>A request over HTTP.</summary>
public sealed record HttpGetAction : KeepsUnknown
{
    /// <summary>The path.</summary>
    public required string Path { get; init; }

    /// <summary>The port.</summary>
    public required int Port { get; init; }
}

/// <summary>What a container needs and may have.</summary>
public sealed record Resources : KeepsUnknown
{
    /// <summary>What it may have at most.</summary>
    public ImmutableSortedDictionary<string, string>? Limits { get; init; }

    /// <summary>What it is promised.</summary>
    public ImmutableSortedDictionary<string, string>? Requests { get; init; }
}

/// <summary>What the processes of a container may do.</summary>
public sealed record ContainerSecurityContext : KeepsUnknown
{
    /// <summary>Whether a process may gain more than its parent.</summary>
    public bool? AllowPrivilegeEscalation { get; init; }

    /// <summary>Whether the image's files can be changed.</summary>
    public bool? ReadOnlyRootFilesystem { get; init; }

    /// <summary>Capabilities of the kernel.</summary>
    public Capabilities? Capabilities { get; init; }
}

/// <summary>Capabilities of the kernel.</summary>
public sealed record Capabilities : KeepsUnknown
{
    /// <summary>Those that are taken away.</summary>
    public ImmutableArray<string>? Drop { get; init; }
}

/// <summary>A volume; exactly one source is set.</summary>
public sealed record Volume : KeepsUnknown
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>An empty folder that lives as long as the pod.</summary>
    public EmptyDir? EmptyDir { get; init; }

    /// <summary>The files of a ConfigMap.</summary>
    public ConfigMapSource? ConfigMap { get; init; }

    /// <summary>The files of a Secret.</summary>
    public SecretSource? Secret { get; init; }

    /// <summary>Files of several sources in one folder.</summary>
    public ProjectedSource? Projected { get; init; }
}

/// <summary>Files of several sources in one folder.</summary>
public sealed record ProjectedSource : KeepsUnknown
{
    /// <summary>The sources.</summary>
    public required ImmutableArray<Projection> Sources { get; init; }
}

/// <summary>A source of a projected volume.</summary>
public sealed record Projection : KeepsUnknown
{
    /// <summary>A token of the pod's service account, renewed by the kubelet.</summary>
    public TokenProjection? ServiceAccountToken { get; init; }
}

/// <summary>A token of the pod's service account.</summary>
public sealed record TokenProjection : KeepsUnknown
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>How long it lasts, in seconds.</summary>
    public required long ExpirationSeconds { get; init; }
}

/// <summary>An empty folder.</summary>
public sealed record EmptyDir : KeepsUnknown;

/// <summary>The files of a ConfigMap.</summary>
public sealed record ConfigMapSource : KeepsUnknown
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Whether the pod starts without it.</summary>
    public bool? Optional { get; init; }
}

/// <summary>The files of a Secret.</summary>
public sealed record SecretSource : KeepsUnknown
{
    /// <summary>Its name.</summary>
    public required string SecretName { get; init; }

    /// <summary>The permissions of its files, as a number; 0644 when not given.</summary>
    public int? DefaultMode { get; init; }

    /// <summary>Whether the pod starts without it.</summary>
    public bool? Optional { get; init; }
}
