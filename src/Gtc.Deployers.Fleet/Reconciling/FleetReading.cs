using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Fleet;

/// <summary>One Deployment of an environment as the cluster has it.</summary>
/// <param name="Deployment">The deployment that it is of.</param>
/// <param name="Revision">Its revision.</param>
/// <param name="Object">The object itself.</param>
internal sealed record LiveRevision(DeploymentId Deployment, RevisionId Revision, JsonElement Object)
{
    /// <summary>Its name.</summary>
    public ObjectRef Name => ObjectRef.Of(FleetReading.Deployments, Object);

    /// <summary>Whether it is on its way out: it claims no device any more, and stays until the operator has cleaned up.</summary>
    public bool IsLeaving => Object.Meta("deletionTimestamp") is not null;
}

/// <summary>What the cluster of a fleet holds of an environment.</summary>
/// <param name="client">The cluster.</param>
/// <param name="environment">The environment.</param>
/// <param name="settings">What the answers say.</param>
internal sealed class FleetReading(KubeClient client, EnvId environment, FleetSettings settings)
{
    public static readonly KubeKind Deployments = KubeKind.Of(FleetApi.GroupVersion, FleetApi.DeploymentKind)!;
    public static readonly KubeKind Devices = KubeKind.Of(FleetApi.GroupVersion, FleetApi.DeviceKind)!;

    private const int MaxRestarts = 6;

    /// <summary>The Deployments, by label. Those that say no revision of gtc are somebody else's.</summary>
    public async Task<Outcome<ImmutableArray<LiveRevision>>> RevisionsAsync(CancellationToken cancellationToken)
    {
        var listed = await client.ListAsync(Deployments, settings.Namespace, $"{Labels.Environment}={Labels.ValueOf(environment)}", cancellationToken);
        return listed.Value is not { } list
            ? Failed("listing Deployments", listed.Error!)
            : (ImmutableArray<LiveRevision>)[.. from item in list.Items let live = Read(item) where live is not null select live];
    }

    /// <summary>The devices with the labels that matter, ordered by id; only their metadata is asked for.</summary>
    /// <param name="deployments">The deployments whose labels are read.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<Outcome<FleetDevices>> DevicesAsync(IReadOnlyList<DeploymentId> deployments, CancellationToken cancellationToken)
    {
        if (!settings.Devices.Compile().TryGet(out var selector, out var error))
        {
            return new DeployerRefusal.Provider($"`device_selector`: {error.Message}");
        }

        var keys = deployments.Select(deployment => FleetNames.Label(environment, deployment)).ToArray();
        var scope = new KubeScope(Devices) { LabelSelector = selector.SelectsAll ? null : selector.ToString(), IsMetadataOnly = true };
        var rows = new List<(string Id, string?[] Labels)>();
        var next = "";
        var restarts = 0;
        do
        {
            var page = await client.ListPageAsync(scope, next, cancellationToken);
            if (page.Error is { Kind: KubeErrorKind.Gone } && next.Length > 0 && restarts++ < MaxRestarts)
            {
                rows.Clear();
                next = "";
                continue;
            }

            if (page.Error is { } failed)
            {
                return Failed("listing devices", failed);
            }

            rows.AddRange(page.Value!.Items.Where(item => item.Meta("deletionTimestamp") is null).Select(item => (item.Meta("name")!, Array.ConvertAll(keys, key => item.Label(key)))));
            next = page.Value.Next;
        }
        while (next.Length > 0);

        rows.Sort(static (one, other) => string.CompareOrdinal(one.Id, other.Id));
        return new FleetDevices(deployments, rows);
    }

    /// <summary>What the server said, and what to do where it has no fleet.</summary>
    public static Refusal Failed(string attempt, KubeError error) => error.Kind == KubeErrorKind.NotFound
        ? new DeployerRefusal.Provider($"{attempt}: the cluster has no fleet, its API does not know {FleetApi.Deployments}") { Next = "gtc fleet install" }
        : Provider.Failed(attempt, error);

    private static LiveRevision? Read(JsonElement item) =>
        item.Label(Labels.Component) == FleetNames.Component
        && RevisionId.TryParse(item.Label(Labels.Revision), out var revision)
        && DeploymentId.TryParse(item.Label(Labels.Deployment), out var deployment)
            ? new LiveRevision(deployment, revision, item)
            : null;
}

/// <summary>The devices of an environment.</summary>
/// <param name="deployments">The deployments whose labels were read.</param>
/// <param name="rows">Each device with its labels, in the order of the deployments.</param>
internal sealed class FleetDevices(IReadOnlyList<DeploymentId> deployments, List<(string Id, string?[] Labels)> rows)
{
    /// <summary>How many there are.</summary>
    public int Count => rows.Count;

    /// <summary>The devices with the label of one deployment.</summary>
    public IReadOnlyList<LabelledDevice> Of(DeploymentId deployment)
    {
        var at = 0;
        while (deployments[at] != deployment)
        {
            at++;
        }

        return [.. rows.Select(row => new LabelledDevice(row.Id, row.Labels[at]))];
    }
}
