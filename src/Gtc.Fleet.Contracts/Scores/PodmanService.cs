using System.Collections.Immutable;

namespace Gtc.Fleet.Contracts;

/// <summary>One container of a score.</summary>
public sealed record PodmanService : KeepsUnknown
{
    /// <summary>The longest name of a service.</summary>
    public const int MaxNameLength = 40;

    /// <summary>Its name, a DNS label of at most 40 characters.</summary>
    [Field("The service's name, unique in the score: a DNS label.", Pattern = FleetName.Pattern, MaxLength = MaxNameLength)]
    public required string Name { get; init; }

    /// <summary>The image with its registry, e.g. <c>docker.io/library/nginx:1.26</c>.</summary>
    [Field("The image with its registry, e.g. docker.io/library/nginx:1.26. Short names are refused.", MaxLength = 512)]
    public required string Image { get; init; }

    /// <summary>Published ports as <c>[hostIp:]hostPort:containerPort[/tcp|udp]</c>; see <see cref="PortMapping"/>.</summary>
    [Field("Published ports as [hostIp:]hostPort:containerPort[/tcp|udp].", MaxItems = 64)]
    public ImmutableArray<string> Ports
    {
        get => field.IsDefault ? [] : field;
        init;
    }

    /// <summary>Environment variables.</summary>
    [Field("Environment variables by name.", MaxProperties = 64)]
    public ImmutableSortedDictionary<string, string> Env
    {
        get => field ?? Ordinal.EmptyMap;
        init => field = Ordinal.Sorted(value);
    }

    /// <summary>The command, in place of that of the image.</summary>
    [Field("The command, in place of that of the image.", MaxItems = 64)]
    public ImmutableArray<string> Command
    {
        get => field.IsDefault ? [] : field;
        init;
    }

    /// <summary>The entry point, in place of that of the image.</summary>
    [Field("The entry point, in place of that of the image.", MaxItems = 64)]
    public ImmutableArray<string> Entrypoint
    {
        get => field.IsDefault ? [] : field;
        init;
    }

    /// <summary>Mounts as <c>name-or-path:/path[:ro]</c>; see <see cref="VolumeMount"/>.</summary>
    [Field("Mounts as name-or-absolute-path:/path[:ro], or ./file:/path[:ro] for one of the score's files.", MaxItems = 64)]
    public ImmutableArray<string> Volumes
    {
        get => field.IsDefault ? [] : field;
        init;
    }

    /// <summary>When it is started again.</summary>
    [Field("When the container is started again after it ended.", Words = "always,onfailure,no", Default = "\"always\"")]
    public RestartPolicy Restart { get; init; }

    /// <summary>When its image is fetched.</summary>
    [Field("When the image is fetched.", Words = "IfNotPresent,Always,Never", Default = "\"IfNotPresent\"")]
    public PullPolicy Pull { get; init; }

    /// <summary>Its network.</summary>
    [Field("Which network the container is in.", Words = "bridge,host,none", Default = "\"bridge\"")]
    public NetworkMode Network { get; init; }

    /// <summary>The most memory, e.g. <c>256Mi</c>; see <see cref="ByteQuantity"/>. Null for no limit.</summary>
    [Field("The most memory it may use, e.g. 256Mi.", Pattern = "^[0-9]+(Ki|Mi|Gi|Ti|k|M|G|T)?$")]
    public string? Memory { get; init; }

    /// <summary>The most processors, e.g. 0.5; null for no limit.</summary>
    [Field("The most processors it may use, e.g. 0.5.", Minimum = 0, Maximum = 1024)]
    public double? Cpus { get; init; }

    /// <summary>The most processes; null for no limit.</summary>
    [Field("The most processes it may have.", Minimum = 1)]
    public int? Pids { get; init; }

    /// <summary>How its health is checked; null for not at all.</summary>
    [Field("How its health is checked. Without it, a container that runs is healthy.")]
    public HealthCheck? Health { get; init; }
}

/// <summary>How a container's health is checked.</summary>
public sealed record HealthCheck : KeepsUnknown
{
    /// <summary>The command inside the container.</summary>
    [Field("The command that is run inside the container; it is healthy when that ends with 0.", MinItems = 1, MaxItems = 64)]
    public required ImmutableArray<string> Test
    {
        get => field.IsDefault ? [] : field;
        init;
    }

    /// <summary>How often, e.g. <c>30s</c>; see <see cref="GoDuration"/>.</summary>
    [Field("How often, e.g. 30s.")]
    public string? Interval { get; init; }

    /// <summary>How long one check may take.</summary>
    [Field("How long one check may take, e.g. 5s.")]
    public string? Timeout { get; init; }

    /// <summary>How many failures in a row make it unhealthy.</summary>
    [Field("How many failures in a row make it unhealthy.", Minimum = 1)]
    public int? Retries { get; init; }

    /// <summary>How long failures do not count after its start.</summary>
    [Field("How long after its start failures do not count, e.g. 1m.")]
    public string? Start { get; init; }
}
