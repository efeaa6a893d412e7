using System.Text.Json;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Fleet;

/// <summary>Runs revisions on the devices of a fleet (decision 39).</summary>
/// <param name="client">The cluster; null when none is configured, which every verb that needs one says.</param>
/// <param name="settings">Reads the answers of the binding.</param>
/// <param name="options">How objects are written and how long devices are waited for.</param>
/// <param name="time">The clock.</param>
public sealed class FleetDeployer(KubeClient? client, Func<EnvironmentDocument, JsonElement?, Outcome<FleetSettings>> settings, ReconcileOptions options, TimeProvider time) : IDeployer
{
    /// <summary>Where it is said what becomes of a split over a revision that was never warmed.</summary>
    public const string UnwarmedSplits = "docs/guides/fleet-env-pack.md: a split brings the Deployments of its revisions itself";

    /// <inheritdoc/>
    public Task<Refusal?> StageRevisionAsync(EnvironmentDocument environment, RevisionId revision, CancellationToken cancellationToken) =>
        Task.FromResult(DeployerChecks.Find(environment, revision).Refusal);

    /// <summary>
    /// Makes the Deployment of a revision and gives it those devices of its share that run nothing of the deployment, then waits until the operator has
    /// seen it and all of its devices run it. No device is taken from another revision: that is what a split does.
    /// </summary>
    /// <inheritdoc/>
    public Task<Refusal?> WarmRevisionAsync(EnvironmentDocument environment, RevisionId revision, JsonElement? answers, CancellationToken cancellationToken) =>
        AskAsync(environment, revision, answers, async (fleet, wanted, found) => FleetRenderer.IsPresent(environment, found)
            ? await fleet.WarmAsync(environment, found, wanted, options, cancellationToken)
            : new Refusal.Conflict($"revision `{revision}` is {RevisionVerbs.Text(found.Lifecycle)}: only a warming, ready or draining one runs") { Next = $"gtc op revisions warm {environment.EnvironmentId} --revision {revision}" });

    /// <summary>Nothing is asked of the cluster: a device that gets another revision lets the one that it had end what it began.</summary>
    /// <inheritdoc/>
    public Task<Refusal?> DrainRevisionAsync(EnvironmentDocument environment, RevisionId revision, CancellationToken cancellationToken) =>
        Task.FromResult(DeployerChecks.Find(environment, revision).Refusal);

    /// <inheritdoc/>
    public Task<Refusal?> ArchiveRevisionAsync(EnvironmentDocument environment, RevisionId revision, JsonElement? answers, CancellationToken cancellationToken) =>
        AskAsync(environment, revision, answers, (fleet, wanted, found) => fleet.ArchiveAsync(environment, found, wanted, options, cancellationToken));

    /// <summary>Devices are given the revisions of the split; those that are there already stay where they are, as far as the shares allow.</summary>
    /// <inheritdoc/>
    public async Task<Outcome<AppliedSplit>> ApplyTrafficSplitAsync(EnvironmentDocument environment, DeploymentId deployment, JsonElement? answers, CancellationToken cancellationToken)
    {
        if (!DeployerChecks.Find(environment, deployment).TryGet(out var split, out var refusal)
            || !settings(environment, answers).TryGet(out var wanted, out refusal))
        {
            return refusal;
        }

        if (client is null)
        {
            return Unconfigured();
        }

        return await new FleetReconciler(client, time).ApplySplitAsync(environment, deployment, wanted, options, cancellationToken) is { } failed
            ? failed
            : new AppliedSplit(deployment, split.Entries);
    }

    /// <inheritdoc/>
    public Task<Outcome<RuntimeConfig>> ReportRuntimeConfigAsync(EnvironmentDocument environment, CancellationToken cancellationToken) =>
        Task.FromResult<Outcome<RuntimeConfig>>(RuntimeProjection.Project(environment));

    private static DeployerRefusal.Provider Unconfigured() => new("no client configured: the deployer was made without access to a cluster");

    private async Task<Refusal?> AskAsync(EnvironmentDocument environment, RevisionId revision, JsonElement? answers, Func<FleetReconciler, FleetSettings, Revision, Task<Refusal?>> ask)
    {
        if (!DeployerChecks.Find(environment, revision).TryGet(out var found, out var refusal)
            || !settings(environment, answers).TryGet(out var wanted, out refusal))
        {
            return refusal;
        }

        return client is null ? Unconfigured() : await ask(new FleetReconciler(client, time), wanted, found);
    }
}
