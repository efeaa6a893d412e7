using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gtc.Podman;

/// <summary>What a container is made of: the members of libpod's <c>SpecGenerator</c> that are used here. Members that are null are left out, so that podman's own default holds.</summary>
public sealed record ContainerSpec
{
    /// <summary>Its name, unique on the host.</summary>
    public required string Name { get; init; }

    /// <summary>The image: a reference that is in the store, or its id.</summary>
    public required string Image { get; init; }

    /// <summary>Arguments; those of the image when null.</summary>
    public ImmutableArray<string>? Command { get; init; }

    /// <summary>The program; that of the image when null.</summary>
    public ImmutableArray<string>? Entrypoint { get; init; }

    /// <summary>Environment variables.</summary>
    public ImmutableSortedDictionary<string, string>? Env { get; init; }

    /// <summary>Labels, which lists can ask for.</summary>
    public ImmutableSortedDictionary<string, string>? Labels { get; init; }

    /// <summary>Ports of the host that lead into it.</summary>
    [JsonPropertyName("portmappings")]
    public ImmutableArray<PortMapping>? PortMappings { get; init; }

    /// <summary><c>always</c>, <c>on-failure</c> or <c>no</c>.</summary>
    public string? RestartPolicy { get; init; }

    /// <summary>How often <c>on-failure</c> restarts it; without end when null.</summary>
    public uint? RestartTries { get; init; }

    /// <summary>Files and folders of the host.</summary>
    public ImmutableArray<BindMount>? Mounts { get; init; }

    /// <summary>Named volumes.</summary>
    public ImmutableArray<NamedVolume>? Volumes { get; init; }

    /// <summary>The network.</summary>
    public NetworkMode? Netns { get; init; }

    /// <summary>Limits of its cgroup; refused where cgroups are not delegated.</summary>
    public ResourceLimits? ResourceLimits { get; init; }

    /// <summary>Seconds between asking it to stop and ending it.</summary>
    public uint? StopTimeout { get; init; }

    /// <summary>A health check that podman runs.</summary>
    [JsonPropertyName("healthconfig")]
    public HealthCheck? HealthConfig { get; init; }

    /// <summary>Where its output goes.</summary>
    public LogConfiguration? LogConfiguration { get; init; }

    /// <summary>Capabilities that are taken from it.</summary>
    public ImmutableArray<string>? CapDrop { get; init; }

    /// <summary>True when programs of its cannot gain rights.</summary>
    public bool? NoNewPrivileges { get; init; }

    /// <summary>Process limits.</summary>
    public ImmutableArray<ProcessLimit>? RLimits { get; init; }
}

/// <summary>A port of the host that leads to a port of the container.</summary>
/// <param name="HostIp">The host's address; every address when null.</param>
/// <param name="HostPort">1 to 65,535.</param>
/// <param name="ContainerPort">1 to 65,535.</param>
/// <param name="Protocol"><c>tcp</c> or <c>udp</c>.</param>
public sealed record PortMapping(string? HostIp, ushort HostPort, ushort ContainerPort, string Protocol);

/// <summary>A file or folder of the host, seen inside.</summary>
/// <param name="Destination">The path inside.</param>
/// <param name="Source">The path of the host.</param>
/// <param name="Options">Such as <c>ro</c> and <c>rbind</c>.</param>
public sealed record BindMount(string Destination, string Source, ImmutableArray<string> Options)
{
    /// <summary>Always <c>bind</c>.</summary>
    public string Type { get; } = "bind";
}

/// <summary>A volume that podman keeps.</summary>
/// <param name="Name">Its name; it is made when it is not there.</param>
/// <param name="Dest">The path inside.</param>
/// <param name="Options">Such as <c>ro</c>.</param>
public sealed record NamedVolume(
    [property: JsonPropertyName("Name")] string Name,
    [property: JsonPropertyName("Dest")] string Dest,
    [property: JsonPropertyName("Options")] ImmutableArray<string> Options);

/// <summary>The network of a container.</summary>
/// <param name="Mode"><c>bridge</c>, <c>host</c>, <c>none</c>, <c>slirp4netns</c> or <c>pasta</c>.</param>
public sealed record NetworkMode([property: JsonPropertyName("nsmode")] string Mode);

/// <summary>Limits of a container's cgroup.</summary>
/// <param name="Memory">Of memory.</param>
/// <param name="Cpu">Of processor time.</param>
/// <param name="Pids">Of processes.</param>
public sealed record ResourceLimits(MemoryLimit? Memory, CpuLimit? Cpu, PidsLimit? Pids);

/// <summary>A limit of memory.</summary>
/// <param name="Limit">Bytes.</param>
public sealed record MemoryLimit(long Limit);

/// <summary>A limit of processor time.</summary>
/// <param name="Quota">Microseconds within a period.</param>
/// <param name="Period">Microseconds.</param>
public sealed record CpuLimit(long Quota, ulong Period);

/// <summary>A limit of processes.</summary>
/// <param name="Limit">How many.</param>
public sealed record PidsLimit(long Limit);

/// <summary>A check that tells whether a container is well. Durations are in nanoseconds.</summary>
public sealed record HealthCheck
{
    /// <summary><c>CMD</c> or <c>CMD-SHELL</c> and the words of the command.</summary>
    [JsonPropertyName("Test")]
    public required ImmutableArray<string> Test { get; init; }

    /// <summary>Between checks.</summary>
    [JsonPropertyName("Interval")]
    public long? Interval { get; init; }

    /// <summary>For one check.</summary>
    [JsonPropertyName("Timeout")]
    public long? Timeout { get; init; }

    /// <summary>How many failures in a row make it unwell.</summary>
    [JsonPropertyName("Retries")]
    public int? Retries { get; init; }

    /// <summary>How long failures do not count after the start.</summary>
    [JsonPropertyName("StartPeriod")]
    public long? StartPeriod { get; init; }
}

/// <summary>Where a container's output goes.</summary>
/// <param name="Driver">Such as <c>k8s-file</c> or <c>journald</c>.</param>
/// <param name="Options">Of the driver, such as <c>max-size</c>.</param>
public sealed record LogConfiguration(string Driver, ImmutableSortedDictionary<string, string> Options);

/// <summary>A process limit.</summary>
/// <param name="Type">The short lower-case name, such as <c>nofile</c>; podman takes the form with <c>RLIMIT_</c> without a word and does nothing.</param>
/// <param name="Hard">The hard limit.</param>
/// <param name="Soft">The soft limit.</param>
public sealed record ProcessLimit(string Type, ulong Hard, ulong Soft);
