using System.Collections.Immutable;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Cli.Fleet.Looking;

/// <summary>Reads deployments and devices of a cluster.</summary>
internal static class FleetReading
{
    /// <summary>Deployments by namespace and name, or the one of a name.</summary>
    /// <param name="client">The cluster.</param>
    /// <param name="ns">A namespace; null for all.</param>
    /// <param name="name">A name; null for all.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<Outcome<ImmutableArray<FleetDeployment>>> DeploymentsAsync(KubeClient client, string? ns, string? name, CancellationToken cancellationToken)
    {
        var list = await client.ListAsync(FleetCluster.Deployments, ns, null, cancellationToken);
        if (list.Error is { } error)
        {
            return FleetCluster.Refuse($"listing {FleetApi.Deployments}", error);
        }

        var deployments = ImmutableArray.CreateBuilder<FleetDeployment>();
        foreach (var item in list.Value!.Items)
        {
            // One that this version cannot read must not hide the others; the operator tells it in a condition.
            if (FleetDeployment.Parse(item).TryGet(out var deployment, out _) && (name is null || deployment.Metadata.Name == name))
            {
                deployments.Add(deployment);
            }
        }

        return name is not null && deployments.Count == 0
            ? new Refusal.Missing($"there is no {FleetApi.Deployments} `{name}`{(ns is null ? "" : $" in {ns}")}") { Next = "gtc fleet get" }
            : deployments.OrderBy(deployment => deployment.Metadata.Namespace, StringComparer.Ordinal).ThenBy(deployment => deployment.Metadata.Name, StringComparer.Ordinal).ToImmutableArray();
    }

    /// <summary>One device.</summary>
    public static async Task<Outcome<FleetDevice>> DeviceAsync(KubeClient client, string name, CancellationToken cancellationToken)
    {
        if (DeviceId.Parse(name).Error is { } wrong)
        {
            return FleetCluster.Refuse(wrong);
        }

        var found = await client.GetAsync(FleetCluster.Devices, null, name, cancellationToken);
        if (found.Error is { } error)
        {
            return error.Kind == KubeErrorKind.NotFound
                ? new Refusal.Missing($"there is no device `{name}`: none has said that it is this one, or the operator has not read it yet") { Next = "gtc fleet devices" }
                : FleetCluster.Refuse($"reading device {name}", error);
        }

        using var document = found.Value!;
        return FleetDevice.Parse(document.RootElement).TryGet(out var device, out var broken) ? device : FleetCluster.Refuse(broken);
    }
}
