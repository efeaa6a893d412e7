using System.Collections.Immutable;
using Gtc.Fleet.Contracts;
using Gtc.Podman;

namespace Gtc.Fleet.Agent.Reconciling;

/// <summary>Turns a service into what podman makes a container of.</summary>
internal static class ContainerSpecs
{
    private const ulong CpuPeriodMicroseconds = 100_000;

    /// <summary>The name of a service's container.</summary>
    public static string NameOf(DeploymentName deployment, string service) => $"fleet-{deployment.Value}-{service}";

    /// <summary>What its container is made of.</summary>
    /// <param name="device">The device.</param>
    /// <param name="deployment">The deployment.</param>
    /// <param name="desired">The service.</param>
    /// <param name="image">The name under which the image is in the store.</param>
    /// <param name="folder">Where the deployment's files are.</param>
    /// <param name="limits">Process limits of every container.</param>
    /// <param name="grace">How long it may take to stop.</param>
    public static ContainerSpec Of(DeviceId device, DesiredDeployment deployment, DesiredService desired, string image, string folder, ImmutableArray<ProcessLimit> limits, TimeSpan grace)
    {
        var service = desired.Service;
        return new ContainerSpec
        {
            Name = NameOf(deployment.Name, service.Name),
            Image = image,
            Command = service.Command.IsEmpty ? null : service.Command,
            Entrypoint = service.Entrypoint.IsEmpty ? null : service.Entrypoint,
            Env = service.Env.IsEmpty ? null : service.Env,
            Labels = FleetLabels.Of(device, deployment.Name, service.Name, deployment.Hash, desired.SpecHash),
            PortMappings = service.Network == Contracts.NetworkMode.Bridge && !service.Ports.IsEmpty ? [.. service.Ports.Select(Port)] : null,
            RestartPolicy = service.Restart switch
            {
                RestartPolicy.Always => "always",
                RestartPolicy.OnFailure => "on-failure",
                _ => "no",
            },
            Mounts = Binds(desired.Mounts, folder),
            Volumes = Volumes(desired.Mounts),
            Netns = new(service.Network switch
            {
                Contracts.NetworkMode.Host => "host",
                Contracts.NetworkMode.None => "none",
                _ => "bridge",
            }),
            ResourceLimits = Limits(service),
            StopTimeout = (uint)Math.Ceiling(grace.TotalSeconds),
            HealthConfig = service.Health is { } health ? Health(health) : null,
            RLimits = limits.IsEmpty ? null : limits,
        };
    }

    private static Gtc.Podman.PortMapping Port(string text)
    {
        var port = Contracts.PortMapping.Parse(text)!;
        return new(port.HostIp, (ushort)port.HostPort, (ushort)port.ContainerPort, port.Protocol);
    }

    private static ImmutableArray<BindMount>? Binds(ImmutableArray<VolumeMount> mounts, string folder)
    {
        ImmutableArray<BindMount> binds =
        [
            .. mounts.Where(mount => mount.Kind != VolumeSource.Named).Select(mount => new BindMount(
                mount.Target,
                mount.Kind == VolumeSource.ScoreFile ? Path.Combine(folder, mount.Source) : mount.Source,
                mount.IsReadOnly ? ["rbind", "ro"] : ["rbind"])),
        ];
        return binds.IsEmpty ? null : binds;
    }

    private static ImmutableArray<NamedVolume>? Volumes(ImmutableArray<VolumeMount> mounts)
    {
        ImmutableArray<NamedVolume> volumes =
            [.. mounts.Where(mount => mount.Kind == VolumeSource.Named).Select(mount => new NamedVolume(mount.Source, mount.Target, mount.IsReadOnly ? ["ro"] : []))];
        return volumes.IsEmpty ? null : volumes;
    }

    private static ResourceLimits? Limits(PodmanService service)
    {
        var memory = service.Memory is { } text && ByteQuantity.TryParse(text, out var bytes) ? new MemoryLimit(bytes) : null;
        var cpu = service.Cpus is { } cpus ? new CpuLimit((long)(cpus * CpuPeriodMicroseconds), CpuPeriodMicroseconds) : null;
        var pids = service.Pids is { } count ? new PidsLimit(count) : null;
        return memory is null && cpu is null && pids is null ? null : new(memory, cpu, pids);
    }

    private static Gtc.Podman.HealthCheck Health(Contracts.HealthCheck health) => new()
    {
        // A command without CMD or CMD-SHELL in front is run as it is.
        Test = health.Test is ["CMD" or "CMD-SHELL" or "NONE", ..] ? health.Test : ["CMD", .. health.Test],
        Interval = Nanos(health.Interval),
        Timeout = Nanos(health.Timeout),
        Retries = health.Retries,
        StartPeriod = Nanos(health.Start),
    };

    private static long? Nanos(string? duration) => duration is not null && GoDuration.TryParse(duration, out var time) ? time.Ticks * 100 : null;
}
