using System.Collections.Immutable;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Agent.Reconciling;

/// <summary>A port of the host.</summary>
/// <param name="HostIp">One address, or null for all.</param>
/// <param name="Port">The number.</param>
/// <param name="Protocol"><c>tcp</c> or <c>udp</c>.</param>
internal sealed record PortClaim(string? HostIp, int Port, string Protocol)
{
    /// <summary>Whether both cannot be held at once.</summary>
    public bool Meets(PortClaim other) =>
        Port == other.Port && Protocol == other.Protocol && (IsAny(HostIp) || IsAny(other.HostIp) || HostIp == other.HostIp);

    /// <inheritdoc/>
    public override string ToString() => $"{(HostIp is null ? "" : HostIp + ":")}{Port}/{Protocol}";

    private static bool IsAny(string? address) => address is null or "0.0.0.0" or "::";
}

/// <summary>Who may have which port.</summary>
internal static class PortClaims
{
    /// <summary>
    /// Why a deployment cannot have its ports, or null. podman would cut off whoever holds a port when a second container asks for it, so it is never asked.
    /// Whoever runs keeps its port; of two that both do not run, the one whose name comes first has it.
    /// </summary>
    /// <param name="name">The deployment.</param>
    /// <param name="desired">What it claims.</param>
    /// <param name="others">What every other deployment claims.</param>
    /// <param name="actual">Containers of this device.</param>
    public static string? FindClash(
        DeploymentName name,
        ImmutableArray<DesiredService> desired,
        IEnumerable<KeyValuePair<DeploymentName, ImmutableArray<PortClaim>>> others,
        ImmutableArray<ActualContainer> actual)
    {
        var seen = new List<(PortClaim Port, string Service)>();
        foreach (var service in desired)
        {
            foreach (var port in service.Ports)
            {
                if (seen.FirstOrDefault(earlier => earlier.Port.Meets(port)) is { Service: { } twice })
                {
                    return $"port {port} is claimed by the services {twice} and {service.Name} of this deployment";
                }

                seen.Add((port, service.Name));
            }
        }

        var running = actual.Where(container => container.Deployment != name && container.IsRunning).ToList();
        foreach (var (port, _) in seen)
        {
            if (running.FirstOrDefault(container => container.Ports.Any(port.Meets)) is { } holder)
            {
                return $"port {port} is in use by deployment {holder.Deployment} on this device";
            }
        }

        // What runs already has won against those that only ask.
        var mine = actual.Where(container => container.Deployment == name && container.IsRunning).SelectMany(container => container.Ports).ToList();
        foreach (var (other, ports) in others.Where(other => other.Key < name))
        {
            if (seen.Select(claim => claim.Port).FirstOrDefault(port => ports.Any(port.Meets) && !mine.Any(port.Meets)) is { } clash)
            {
                return $"port {clash} is claimed by deployment {other} on this device too";
            }
        }

        return null;
    }
}
