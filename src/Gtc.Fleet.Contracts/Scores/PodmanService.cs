using System.Collections.Immutable;

namespace Gtc.Fleet.Contracts;

/// <summary>One container of a score.</summary>
public sealed record PodmanService : KeepsUnknown
{
    /// <summary>The longest name of a service.</summary>
    public const int MaxNameLength = 40;

    /// <summary>Its name, a DNS label of at most 40 characters.</summary>
    public required string Name { get; init; }

    /// <summary>The image with its registry, e.g. <c>docker.io/library/nginx:1.26</c>.</summary>
    public required string Image { get; init; }

    /// <summary>Published ports as <c>[hostIp:]hostPort:containerPort[/tcp|udp]</c>; see <see cref="PortMapping"/>.</summary>
    public ImmutableArray<string> Ports
    {
        get => field.IsDefault ? [] : field;
        init;
    }

    /// <summary>Environment variables.</summary>
    public ImmutableSortedDictionary<string, string> Env
    {
        get => field ?? Ordinal.EmptyMap;
        init => field = Ordinal.Sorted(value);
    }

    /// <summary>The command, in place of that of the image.</summary>
    public ImmutableArray<string> Command
    {
        get => field.IsDefault ? [] : field;
        init;
    }

    /// <summary>The entry point, in place of that of the image.</summary>
    public ImmutableArray<string> Entrypoint
    {
        get => field.IsDefault ? [] : field;
        init;
    }

    /// <summary>Mounts as <c>name-or-path:/path[:ro]</c>; see <see cref="VolumeMount"/>.</summary>
    public ImmutableArray<string> Volumes
    {
        get => field.IsDefault ? [] : field;
        init;
    }

    /// <summary>When it is started again.</summary>
    public RestartPolicy Restart { get; init; }

    /// <summary>When its image is fetched.</summary>
    public PullPolicy Pull { get; init; }

    /// <summary>Its network.</summary>
    public NetworkMode Network { get; init; }

    /// <summary>The most memory, e.g. <c>256Mi</c>; see <see cref="ByteQuantity"/>. Null for no limit.</summary>
    public string? Memory { get; init; }

    /// <summary>The most processors, e.g. 0.5; null for no limit.</summary>
    public double? Cpus { get; init; }

    /// <summary>The most processes; null for no limit.</summary>
    public int? Pids { get; init; }

    /// <summary>How its health is checked; null for not at all.</summary>
    public HealthCheck? Health { get; init; }
}

/// <summary>How a container's health is checked.</summary>
public sealed record HealthCheck : KeepsUnknown
{
    /// <summary>The command inside the container.</summary>
    public required ImmutableArray<string> Test
    {
        get => field.IsDefault ? [] : field;
        init;
    }

    /// <summary>How often, e.g. <c>30s</c>; see <see cref="GoDuration"/>.</summary>
    public string? Interval { get; init; }

    /// <summary>How long one check may take.</summary>
    public string? Timeout { get; init; }

    /// <summary>How many failures in a row make it unhealthy.</summary>
    public int? Retries { get; init; }

    /// <summary>How long failures do not count after its start.</summary>
    public string? Start { get; init; }
}
