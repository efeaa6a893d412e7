using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Conformance;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Cli.Conformance;

/// <summary>
/// A real API server with a log of the deployer's calls and faults on demand. It stands in for the operator and the devices: whenever a Deployment is looked at, the devices that its
/// selector claims count as running it.
/// </summary>
internal sealed class ObservedDevices(ConformanceFleet fleet) : IObservedProvider
{
    private const string Manager = "gtc-conformance";
    private const string RevisionLabel = "greentic.ai/revision";
    private const string DeploymentLabel = "greentic.ai/deployment";
    private readonly ObservedCalls _calls = new();

    public ImmutableArray<ProviderCall> Calls => _calls.All;

    public bool IsReady { get; set; } = true;

    /// <summary>Stands between a client and the server.</summary>
    public HttpMessageHandler Around(HttpMessageHandler connections) => _calls.Around(connections, (request, stop) =>
        request.Method == HttpMethod.Get && request.RequestUri!.AbsolutePath.Contains("/deployments/", StringComparison.Ordinal) ? FoldAsync(stop) : Task.CompletedTask);

    public void ForgetCalls() => _calls.Forget();

    public void FailCall(int number) => _calls.Fail(number);

    public async Task<ImmutableArray<ProviderObject>> SnapshotAsync(CancellationToken cancellationToken)
    {
        var objects = ImmutableArray.CreateBuilder<ProviderObject>();
        foreach (var (environment, ns) in fleet.Placed)
        {
            objects.AddRange((await DeploymentsAsync(ns, cancellationToken)).Select(found => new ProviderObject(
                $"{ns}/{found.Metadata.Name}",
                $"{string.Join(',', found.Metadata.Labels!)} {found.ToElement().GetProperty("spec").GetRawText()}") { Environment = environment, Revision = RevisionOf(found) }));
        }

        return objects.ToImmutable();
    }

    public async Task<bool> IsServingAsync(EnvironmentDocument environment, RevisionId revision, CancellationToken cancellationToken)
    {
        await FoldAsync(cancellationToken);
        return (await DeploymentsAsync(ConformanceFleet.NamespaceOf(environment.EnvironmentId), cancellationToken))
            .Any(found => RevisionOf(found) == revision && found.Status?.Aggregate is { MatchedDeviceCount: > 0 } now && now.Succeeded == now.MatchedDeviceCount);
    }

    public async Task<ImmutableArray<TrafficShare>> RoutesAsync(EnvironmentDocument environment, DeploymentId deployment, CancellationToken cancellationToken)
    {
        var devices = await DevicesAsync(cancellationToken);
        var deployments = await DeploymentsAsync(ConformanceFleet.NamespaceOf(environment.EnvironmentId), cancellationToken);
        return
        [
            .. from found in deployments
               where found.Metadata.Labels?.GetValueOrDefault(DeploymentLabel) == deployment.ToString()
               let claimed = Claimed(found, devices)
               where claimed > 0
               orderby RevisionOf(found)!.Value.Value
               select new TrafficShare { RevisionId = RevisionOf(found)!.Value, WeightBps = (uint)(claimed * (int)TrafficSplit.Whole / devices.Length) },
        ];
    }

    public string? FindNameFault(string name) => FleetName.IsValid(name.Split('/')[1]) && FleetName.IsValid(name.Split('/')[0]) ? null : "it is no DNS label";

    private static RevisionId? RevisionOf(FleetDeployment found) => RevisionId.TryParse(found.Metadata.Labels?.GetValueOrDefault(RevisionLabel), out var id) ? id : null;

    private static int Claimed(FleetDeployment deployment, ImmutableArray<FleetDevice> devices) =>
        deployment.Metadata.DeletionTimestamp is null && deployment.Spec.TargetSelector.Compile().TryGet(out var selector, out _)
            ? devices.Count(device => selector.Matches(device.Metadata.Labels ?? ImmutableSortedDictionary<string, string>.Empty))
            : 0;

    private async Task<ImmutableArray<FleetDevice>> DevicesAsync(CancellationToken cancellationToken) =>
        [.. (await ListAsync(ConformanceFleet.DeviceKind, null, fleet.Selector, cancellationToken)).Select(item => FleetDevice.Parse(item).Value)];

    private async Task<ImmutableArray<FleetDeployment>> DeploymentsAsync(string ns, CancellationToken cancellationToken) =>
        [.. (await ListAsync(ConformanceFleet.DeploymentKind, ns, null, cancellationToken)).Select(item => FleetDeployment.Parse(item).Value)];

    private async Task<IReadOnlyList<JsonElement>> ListAsync(KubeKind kind, string? ns, string? selector, CancellationToken cancellationToken)
    {
        var listed = await fleet.Client.ListAsync(kind, ns, selector, cancellationToken);
        return listed.Value?.Items ?? throw new InvalidOperationException($"listing {kind.Plural}: {listed.Error!.Message}");
    }

    /// <summary>Counts as the operator would.</summary>
    private async Task FoldAsync(CancellationToken cancellationToken)
    {
        // Deployments first: a device that was labelled meanwhile must not look as if it were claimed by what it left.
        var deployments = new List<FleetDeployment>();
        foreach (var (_, ns) in fleet.Placed)
        {
            deployments.AddRange(await DeploymentsAsync(ns, cancellationToken));
        }

        var devices = await DevicesAsync(cancellationToken);
        foreach (var deployment in deployments)
        {
            await PublishAsync(deployment, Claimed(deployment, devices), cancellationToken);
        }
    }

    private async Task PublishAsync(FleetDeployment deployment, int matched, CancellationToken cancellationToken)
    {
        var succeeded = IsReady ? matched : 0;
        if (deployment.Status is { ObservedGeneration: var seen, Aggregate: { } now } && seen == deployment.Metadata.Generation && now.MatchedDeviceCount == matched && now.Succeeded == succeeded)
        {
            return;
        }

        var status = new JsonObject
        {
            ["observedGeneration"] = deployment.Metadata.Generation,
            ["aggregate"] = new JsonObject { ["matchedDeviceCount"] = matched, ["succeeded"] = succeeded, ["failed"] = 0, ["pending"] = matched - succeeded },
            ["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "Accepted",
                ["status"] = "True",
                ["reason"] = "Valid",
                ["message"] = "",
                ["lastTransitionTime"] = "2026-01-01T00:00:00Z",
            }),
        };
        var change = JsonElement.Parse(new JsonObject { ["status"] = status }.ToJsonString());
        (await fleet.Client.MergeStatusAsync(ConformanceFleet.DeploymentKind, deployment.Metadata.Namespace, deployment.Metadata.Name, change, Manager, cancellationToken)).Value?.Dispose();
    }
}
