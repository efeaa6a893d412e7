using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;

namespace Gtc.Deployers.Fleet.Tests.Reconciling;

/// <summary>
/// Devices on a real API server, and what stands for the operator and their agents: selectors are evaluated, and what comes of it is folded into the
/// status of each Deployment.
/// </summary>
internal sealed class SimulatedFleet : IAsyncDisposable
{
    private const string Manager = "simulated-operator";

    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(40);
    private static readonly KubeKind Definitions = KubeKind.Of("apiextensions.k8s.io/v1", "CustomResourceDefinition")!;
    private static readonly KubeKind Devices = KubeKind.Of(FleetApi.GroupVersion, FleetApi.DeviceKind)!;
    private static readonly KubeKind Deployments = KubeKind.Of(FleetApi.GroupVersion, FleetApi.DeploymentKind)!;

    private readonly CancellationTokenSource _over = new();
    private readonly KubeClient _client;
    private readonly int _count;
    private Task _running = Task.CompletedTask;
    private long _folds;

    private SimulatedFleet(KubeClient client, int devices)
    {
        _client = client;
        _count = devices;
        Lab = Guid.NewGuid().ToString("n")[..12];
    }

    /// <summary>Tells the devices of this fleet from those of other tests.</summary>
    public string Lab { get; }

    /// <summary>Whether devices get well.</summary>
    public bool IsReady { get; set; } = true;

    /// <summary>How many devices of each Deployment do not report.</summary>
    public int Silent { get; set; }

    /// <summary>How many devices of each Deployment cannot be reached.</summary>
    public int Unreachable { get; set; }

    public static async Task<SimulatedFleet> StartAsync(KubeConfig config, int devices)
    {
        var fleet = new SimulatedFleet(new KubeClient(config, TimeSpan.FromSeconds(20), TimeProvider.System) { Patience = TimeSpan.FromSeconds(30) }, devices);
        await fleet.InstallAsync();
        for (var number = 0; number < devices; number++)
        {
            await fleet.JoinAsync(number);
        }

        fleet._running = fleet.RunAsync(fleet._over.Token);
        return fleet;
    }

    /// <summary>Waits until every status says what was set before; a fold that was under way did not see it.</summary>
    public async Task ToldAsync()
    {
        var told = Interlocked.Read(ref _folds) + 2;
        using var timer = new PeriodicTimer(Every);
        while (Interlocked.Read(ref _folds) < told)
        {
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>As the operator makes one for a device that reported.</summary>
    public async Task JoinAsync(int number)
    {
        var device = new FleetDevice { Metadata = new ResourceMeta { Name = $"lab-{Lab}-{number}", Labels = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("lab", Lab) } };
        (await _client.ApplyAsync(device.ToElement(), FleetApi.DeviceManager, isForced: true, isDryRun: false, TestContext.Current.CancellationToken)).Error.ShouldBeNull();
    }

    /// <summary>Which Deployments claim which device now, by name.</summary>
    public async Task<ILookup<string, FleetDeployment>> ClaimsAsync(string? ns = null)
    {
        var devices = await DevicesAsync();
        return (from deployment in await DeploymentsAsync(ns)
                from device in Claimed(deployment, devices)
                select (device.Metadata.Name, deployment)).ToLookup(pair => pair.Name, pair => pair.deployment);
    }

    public async Task<ImmutableArray<FleetDevice>> DevicesAsync() =>
        [.. (await _client.ListAsync(Devices, null, $"lab={Lab}", _over.Token)).Value!.Items.Select(item => FleetDevice.Parse(item).Value)];

    public async Task<ImmutableArray<FleetDeployment>> DeploymentsAsync(string? ns) =>
        [.. (await _client.ListAsync(Deployments, ns, null, _over.Token)).Value!.Items.Select(item => FleetDeployment.Parse(item).Value)];

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _running;
        for (var number = 0; number < _count; number++)
        {
            (await _client.DeleteAsync(Devices, null, $"lab-{Lab}-{number}", null, CancellationToken.None)).Value?.Dispose();
        }

        _client.Dispose();
        _over.Dispose();
    }

    public async Task RemoveDeploymentsAsync(string ns)
    {
        foreach (var item in (await _client.ListAsync(Deployments, ns, null, CancellationToken.None)).Value?.Items ?? [])
        {
            (await _client.DeleteAsync(Deployments, ns, FleetDeployment.Parse(item).Value.Metadata.Name, null, CancellationToken.None)).Value?.Dispose();
        }
    }

    private async Task InstallAsync()
    {
        foreach (var definition in (JsonElement[])[FleetDefinitions.Deployment(), FleetDefinitions.Device()])
        {
            (await _client.ApplyAsync(definition, FleetApi.InstallManager, isForced: true, isDryRun: false, TestContext.Current.CancellationToken)).Error.ShouldBeNull();
        }

        // The server serves a new kind a moment after it took its definition.
        using var timer = new PeriodicTimer(Every);
        while ((await _client.ListAsync(Devices, null, null, TestContext.Current.CancellationToken)).Error is not null
            || (await _client.ListAsync(Deployments, null, null, TestContext.Current.CancellationToken)).Error is not null)
        {
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    private static ImmutableArray<FleetDevice> Claimed(FleetDeployment deployment, ImmutableArray<FleetDevice> devices) =>
        deployment.Metadata.DeletionTimestamp is null && deployment.Spec.TargetSelector.Compile().TryGet(out var selector, out _)
            ? [.. devices.Where(device => selector.Matches(device.Metadata.Labels ?? ImmutableSortedDictionary<string, string>.Empty))]
            : [];

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Every);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await FoldAsync(cancellationToken);
                Interlocked.Increment(ref _folds);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task FoldAsync(CancellationToken cancellationToken)
    {
        // Deployments first: a device that was labelled meanwhile must not look as if it were claimed by what it left.
        var listed = await _client.ListAsync(Deployments, null, "greentic.ai/env", cancellationToken);
        var found = await _client.ListAsync(Devices, null, $"lab={Lab}", cancellationToken);
        if (listed.Value is not { } deployments || found.Value is not { } seen)
        {
            return;
        }

        ImmutableArray<FleetDevice> devices = [.. seen.Items.Select(item => FleetDevice.Parse(item).Value)];
        foreach (var item in deployments.Items)
        {
            var deployment = FleetDeployment.Parse(item).Value;
            if (Mine(deployment))
            {
                await PublishAsync(deployment, Claimed(deployment, devices).Length, cancellationToken);
            }
        }
    }

    private bool Mine(FleetDeployment deployment) => deployment.Spec.TargetSelector.MatchLabels.GetValueOrDefault("lab") == Lab;

    private async Task PublishAsync(FleetDeployment deployment, int matched, CancellationToken cancellationToken)
    {
        var isReady = IsReady;
        var succeeded = isReady ? Math.Max(0, matched - Silent) : 0;
        var stale = Math.Min(matched, Unreachable);
        var wanted = new JsonObject
        {
            ["observedGeneration"] = deployment.Metadata.Generation,
            ["aggregate"] = new JsonObject { ["matchedDeviceCount"] = matched, ["succeeded"] = succeeded, ["failed"] = 0, ["pending"] = matched - succeeded, ["stale"] = stale },
            ["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "Accepted",
                ["status"] = "True",
                ["reason"] = "Valid",
                ["message"] = "",
                ["lastTransitionTime"] = "2026-01-01T00:00:00Z",
            }),
        };
        if (deployment.Status is { ObservedGeneration: var seen, Aggregate: { } now } && seen == deployment.Metadata.Generation && now.MatchedDeviceCount == matched && now.Succeeded == succeeded && (now.Stale ?? 0) == stale)
        {
            return;
        }

        var change = JsonElement.Parse(new JsonObject { ["status"] = wanted }.ToJsonString());
        (await _client.MergeStatusAsync(Deployments, deployment.Metadata.Namespace, deployment.Metadata.Name, change, Manager, cancellationToken)).Value?.Dispose();
    }
}
