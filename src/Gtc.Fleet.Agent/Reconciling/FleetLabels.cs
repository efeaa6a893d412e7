using System.Collections.Immutable;
using Gtc.Fleet.Contracts;
using Gtc.Podman;

namespace Gtc.Fleet.Agent.Reconciling;

/// <summary>The labels that say whose a container is (fleet.md §8.3). What does not carry them all is never touched.</summary>
internal static class FleetLabels
{
    public const string Managed = "io.nationtech.fleet/managed";
    public const string Device = "io.nationtech.fleet/device";
    public const string Deployment = "io.nationtech.fleet/deployment";
    public const string Service = "io.nationtech.fleet/service";
    public const string ScoreHash = "io.nationtech.fleet/score-sha256";
    public const string SpecHash = "io.nationtech.fleet/spec-sha256";

    /// <summary>What a list asks for: every container of this device's agent.</summary>
    public static string[] OfDevice(DeviceId device) => [$"{Managed}=true", $"{Device}={device.Value}"];

    /// <summary>The labels of one container.</summary>
    public static ImmutableSortedDictionary<string, string> Of(DeviceId device, DeploymentName deployment, string service, string scoreHash, string specHash) =>
        ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, new Dictionary<string, string>
        {
            [Managed] = "true",
            [Device] = device.Value,
            [Deployment] = deployment.Value,
            [Service] = service,
            [ScoreHash] = scoreHash,
            [SpecHash] = specHash,
        });

    /// <summary>A container as the diff sees it; null for one that is not this device's.</summary>
    public static ActualContainer? Read(ContainerSummary container, DeviceId device)
    {
        var labels = container.Labels ?? ImmutableSortedDictionary<string, string>.Empty;
        return labels.GetValueOrDefault(Managed) == "true"
            && labels.GetValueOrDefault(Device) == device.Value
            && DeploymentName.TryParse(labels.GetValueOrDefault(Deployment), out var deployment)
            ? new ActualContainer(
                container.Id,
                container.Name,
                deployment,
                labels.GetValueOrDefault(Service) ?? "",
                labels.GetValueOrDefault(SpecHash) ?? "",
                container.State,
                container.ExitCode,
                [.. (container.Ports ?? []).Select(port => new PortClaim(port.HostIp is { Length: > 0 } ip ? ip : null, port.HostPort, port.Protocol))])
            : null;
    }
}

/// <summary>A container of this device that is there.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Deployment">Whose it is.</param>
/// <param name="Service">Which service of it.</param>
/// <param name="SpecHash">The hash of what it was made of.</param>
/// <param name="State">podman's word for what it does.</param>
/// <param name="ExitCode">How it ended.</param>
/// <param name="Ports">Ports of the host that lead into it.</param>
internal sealed record ActualContainer(
    string Id,
    string Name,
    DeploymentName Deployment,
    string Service,
    string SpecHash,
    string State,
    int ExitCode,
    ImmutableArray<PortClaim> Ports)
{
    public bool IsRunning => State is "running" or "stopping" or "paused";
}
