using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Fleet;

/// <summary>
/// What the cluster of a fleet must hold for an environment, in the order in which it is applied: a namespace, and a Deployment for every revision that
/// runs. A pure function: no clock, no files, no cluster; the same input always gives the same objects.
/// </summary>
public static class FleetRenderer
{
    /// <summary>The objects.</summary>
    public static Outcome<ImmutableArray<KubeObject>> Render(EnvironmentDocument document, FleetSettings settings)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(settings);
        var present = document.Revisions.Where(revision => IsPresent(document, revision)).ToList();
        if (FindFault(document, present, settings) is { } fault)
        {
            return fault;
        }

        return (ImmutableArray<KubeObject>)
        [
            Namespace(document.EnvironmentId, settings),
            .. from revision in present
               let claims = DeviceClaims.Of(SharesOf(document, revision.DeploymentId), [revision.RevisionId])
               select Deployment(document, revision, claims.ByRevision[revision.RevisionId], settings),
        ];
    }

    /// <summary>Whether a revision has a Deployment: it is on its way, runs or drains; and one with a share does whatever its word is, since a share is given to devices.</summary>
    public static bool IsPresent(EnvironmentDocument document, Revision revision)
    {
        ArgumentNullException.ThrowIfNull(revision);
        return revision.Lifecycle is RevisionLifecycle.Warming or RevisionLifecycle.Ready or RevisionLifecycle.Draining
            || SharesOf(document, revision.DeploymentId).Any(share => share.RevisionId == revision.RevisionId && share.WeightBps > 0);
    }

    /// <summary>The recorded shares of a deployment; none when it is not routed.</summary>
    internal static ImmutableArray<TrafficShare> SharesOf(EnvironmentDocument document, DeploymentId deployment) =>
        document.TrafficSplits.FirstOrDefault(split => split.DeploymentId == deployment)?.Entries ?? [];

    internal static KubeObject Namespace(EnvId environment, FleetSettings settings) =>
        new NamespaceObject { ApiVersion = "v1", Kind = "Namespace", Metadata = new() { Name = settings.Namespace, Labels = Labels.Of(environment, "namespace") } };

    /// <summary>The Deployment of a revision that claims some devices.</summary>
    internal static KubeObject Deployment(EnvironmentDocument document, Revision revision, DeviceClaim claim, FleetSettings settings) => new CustomObject
    {
        ApiVersion = FleetApi.GroupVersion,
        Kind = FleetApi.DeploymentKind,
        Metadata = new() { Name = FleetNames.Deployment(revision.EnvId, revision.RevisionId), Namespace = settings.Namespace, Labels = FleetNames.Labels(revision) },
        Unknown = new Dictionary<string, JsonElement>(StringComparer.Ordinal)
        {
            ["spec"] = Resource(document, revision, claim, settings).ToElement().GetProperty("spec"),
        },
    };

    private static FleetDeployment Resource(EnvironmentDocument document, Revision revision, DeviceClaim claim, FleetSettings settings) => new()
    {
        Metadata = new ResourceMeta { Name = FleetNames.Deployment(revision.EnvId, revision.RevisionId), Namespace = settings.Namespace },
        Spec = new()
        {
            TargetSelector = DeviceSelectors.Of(settings.Devices, FleetNames.Label(revision.EnvId, revision.DeploymentId), revision.RevisionId, claim),
            Score = WorkerScore.Of(document, revision, settings),
            Rollout = settings.Rollout,
        },
    };

    private static Refusal.Conflict? FindFault(EnvironmentDocument document, List<Revision> present, FleetSettings settings)
    {
        if (present.Find(revision => !Labels.IsValue(revision.BundleId)) is { } unfit)
        {
            return new Refusal.Conflict($"bundle id `{unfit.BundleId}` of revision {unfit.RevisionId} cannot be the value of a label")
            {
                Details = [new("expected", "up to 63 letters, digits, -, _ and ., a letter or digit first and last")],
            };
        }

        foreach (var revision in present)
        {
            if (Resource(document, revision, DeviceClaim.None, settings).FindProblems() is [var problem, ..])
            {
                return new Refusal.Conflict($"revision {revision.RevisionId} cannot run on devices: {problem}");
            }
        }

        return FindClash(present, settings);
    }

    /// <summary>A device runs one revision of each deployment, and all of them at once.</summary>
    private static Refusal.Conflict? FindClash(List<Revision> present, FleetSettings settings)
    {
        var clash = present.DistinctBy(revision => revision.DeploymentId).GroupBy(settings.PortOf).FirstOrDefault(group => group.Skip(1).Any());
        return clash is null ? null : new Refusal.Conflict($"{clash.Count()} deployments would have port {clash.Key} of every device")
        {
            Details = [.. clash.Select(revision => new RefusalDetail("deployment", $"{revision.DeploymentId} (bundle {revision.BundleId})")), new("expected", "an answer `ports` with a port for each, e.g. shop:8080,search:8081")],
        };
    }
}
