using System.Collections.Immutable;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Agent.Reconciling;

/// <summary>One service as the device has to run it.</summary>
/// <param name="Service">What the score says.</param>
/// <param name="SpecHash">The hash of that and of the files that it mounts: another one means another container.</param>
/// <param name="Ports">Ports of the host that it claims.</param>
/// <param name="Mounts">Its volumes.</param>
internal sealed record DesiredService(PodmanService Service, string SpecHash, ImmutableArray<PortClaim> Ports, ImmutableArray<VolumeMount> Mounts)
{
    public string Name => Service.Name;
}

/// <summary>One deployment as the device has to run it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Hash">The hash of the bytes that were received.</param>
/// <param name="Services">Its services, in the order in which they are replaced.</param>
/// <param name="Files">Its files.</param>
internal sealed record DesiredDeployment(DeploymentName Name, string Hash, ImmutableArray<DesiredService> Services, ImmutableArray<ScoreFile> Files)
{
    /// <summary>Reads the bytes of a score.</summary>
    public static ContractResult<DesiredDeployment> Read(DeploymentName name, ReadOnlySpan<byte> bytes)
    {
        if (!ReconcileScore.Parse(bytes).TryGet(out var score, out var error))
        {
            return error;
        }

        if (score.FindProblems() is [var problem, ..])
        {
            return problem;
        }

        var podman = score.PodmanV0!;
        return new DesiredDeployment(name, ScoreHash.Of(bytes), [.. podman.Services.Select(service => Of(service, podman.Files))], podman.Files);
    }

    private static DesiredService Of(PodmanService service, ImmutableArray<ScoreFile> files)
    {
        ImmutableArray<VolumeMount> mounts = [.. service.Volumes.Select(volume => VolumeMount.Parse(volume)!)];
        var mounted = mounts.Where(mount => mount.Kind == VolumeSource.ScoreFile).Select(mount => mount.Source).ToList();
        // Only the files that it sees: a change of another service's file leaves this container alone.
        var seen = files.Where(file => mounted.Any(source => source.Length == 0 || file.Path == source || file.Path.StartsWith(source + "/", StringComparison.Ordinal)));
        var hash = new ReconcileScore { PodmanV0 = new PodmanV0 { Services = [service], Files = [.. seen] } }.ComputeHash();
        return new DesiredService(
            service,
            hash,
            // Only a network of its own has published ports.
            service.Network != NetworkMode.Bridge ? [] : [.. service.Ports.Select(text => PortMapping.Parse(text)!).Select(port => new PortClaim(port.HostIp, port.HostPort, port.Protocol))],
            mounts);
    }
}
