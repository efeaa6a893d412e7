using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Fleet;

/// <summary>What a cluster holds and what it should hold, and from both what is to be done about each deployment.</summary>
/// <param name="Document">The environment as it is wanted.</param>
/// <param name="Settings">What the answers say.</param>
/// <param name="Revisions">The Deployments that are there.</param>
/// <param name="Devices">The devices.</param>
internal sealed record FleetState(EnvironmentDocument Document, FleetSettings Settings, ImmutableArray<LiveRevision> Revisions, FleetDevices Devices)
{
    /// <summary>The Deployments of a deployment that stay, by revision.</summary>
    public IReadOnlyDictionary<RevisionId, JsonElement> LiveOf(DeploymentId deployment) =>
        Revisions.Where(live => live.Deployment == deployment && !live.IsLeaving).ToDictionary(live => live.Revision, live => live.Object);

    /// <summary>What they claim.</summary>
    public DeviceClaims ClaimsOf(DeploymentId deployment)
    {
        var label = FleetNames.Label(Document.EnvironmentId, deployment);
        return new(LiveOf(deployment).ToImmutableDictionary(
            pair => pair.Key,
            pair => FleetDeployment.Parse(pair.Value).TryGet(out var resource, out _) ? DeviceSelectors.Claim(resource.Spec.TargetSelector, label, pair.Key) : new DeviceClaim.Strange()));
    }

    /// <summary>What is to be done about a deployment.</summary>
    /// <param name="deployment">The deployment.</param>
    /// <param name="makesIdle">Whether revisions without a share get a Deployment too.</param>
    public DevicePlan Plan(DeploymentId deployment, bool makesIdle)
    {
        var idle = makesIdle ? WantedOf(deployment).Select(revision => revision.RevisionId) : [];
        return DevicePlan.Of(deployment, FleetRenderer.SharesOf(Document, deployment), ClaimsOf(deployment), idle, Devices.Of(deployment));
    }

    /// <summary>The revisions of a deployment that have a Deployment.</summary>
    public IEnumerable<Revision> WantedOf(DeploymentId deployment) => Document.Revisions.Where(revision => revision.DeploymentId == deployment && FleetRenderer.IsPresent(Document, revision));

    /// <summary>What the wanted Deployment of a revision claims in the end.</summary>
    public DeviceClaim FinalClaim(Revision revision) =>
        DeviceClaims.Of(FleetRenderer.SharesOf(Document, revision.DeploymentId), [revision.RevisionId]).ByRevision[revision.RevisionId];

    /// <summary>The Deployments that are to go.</summary>
    public IEnumerable<LiveRevision> Leaving => Revisions.Where(live => !Document.Revisions.Any(revision => revision.RevisionId == live.Revision && FleetRenderer.IsPresent(Document, revision)));

    /// <summary>Reads it.</summary>
    public static async Task<Outcome<FleetState>> ReadAsync(KubeClient client, EnvironmentDocument document, FleetSettings settings, CancellationToken cancellationToken)
    {
        var reading = new FleetReading(client, document.EnvironmentId, settings);
        if (!(await reading.RevisionsAsync(cancellationToken)).TryGet(out var revisions, out var refusal))
        {
            return refusal;
        }

        DeploymentId[] deployments = [.. document.Bundles.Select(bundle => bundle.DeploymentId).Concat(revisions.Select(live => live.Deployment)).Distinct()];
        return (await reading.DevicesAsync(deployments, cancellationToken)).Then<FleetState>(devices => new FleetState(document, settings, revisions, devices));
    }
}
