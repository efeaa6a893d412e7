using System.Text.Json;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>Runs revisions in a cluster (k8s-deployer.md §12).</summary>
/// <param name="client">The cluster; null when none is configured, which every verb that needs one says.</param>
/// <param name="settings">Reads the answers of the binding.</param>
/// <param name="options">How objects are written and how long rollouts are waited for.</param>
/// <param name="time">The clock.</param>
public sealed class KubernetesDeployer(KubeClient? client, Func<EnvironmentDocument, JsonElement?, Outcome<RenderSettings>> settings, ReconcileOptions options, TimeProvider time) : IDeployer
{
    /// <inheritdoc/>
    public Task<Refusal?> StageRevisionAsync(EnvironmentDocument environment, RevisionId revision, CancellationToken cancellationToken) =>
        Task.FromResult(DeployerChecks.Find(environment, revision).Refusal);

    /// <summary>
    /// Applies the environment's own objects where they differ, so that the worker finds its revision, then the worker, and waits for its rollout. What is
    /// routed stays as it is. On a failure the objects stay, and the next call goes on.
    /// </summary>
    /// <inheritdoc/>
    public Task<Refusal?> WarmRevisionAsync(EnvironmentDocument environment, RevisionId revision, JsonElement? answers, CancellationToken cancellationToken) =>
        AskAsync(environment, revision, answers, async (cluster, wanted, found) =>
        {
            if (!Renderer.IsPresent(found))
            {
                return new Refusal.Conflict($"revision `{revision}` is {RevisionVerbs.Text(found.Lifecycle)}: only a warming, ready or draining one runs") { Next = $"gtc op revisions warm {environment.EnvironmentId} --revision {revision}" };
            }

            var map = new ObjectRef("v1", "ConfigMap", wanted.Namespace, Pods.RuntimeConfig);
            if (!(await ClusterReading.GetAsync(cluster, map, cancellationToken)).TryGet(out var present, out var refusal))
            {
                return refusal;
            }

            var names = WorkerPrune.NamesOf(revision, wanted.Namespace).ToHashSet();
            bool IsApplied(ObjectRef name) => names.Contains(name) || (!name.Name.StartsWith("gtc-worker-", StringComparison.Ordinal) && (present.IsEmpty || name != map));
            return await new Reconciler(cluster, time).ApplySomeAsync(environment, wanted, IsApplied, options, cancellationToken);
        });

    /// <summary>Nothing is asked of the cluster: who is drained is a matter of routing.</summary>
    /// <inheritdoc/>
    public Task<Refusal?> DrainRevisionAsync(EnvironmentDocument environment, RevisionId revision, CancellationToken cancellationToken) =>
        Task.FromResult(DeployerChecks.Find(environment, revision).Refusal);

    /// <inheritdoc/>
    public Task<Refusal?> ArchiveRevisionAsync(EnvironmentDocument environment, RevisionId revision, JsonElement? answers, CancellationToken cancellationToken) =>
        AskAsync(environment, revision, answers, (cluster, wanted, _) => new Reconciler(cluster, time).RemoveWorkerAsync(environment, revision, wanted.Namespace, options, cancellationToken));

    /// <summary>Only the runtime configuration is written, and running routers are told at once.</summary>
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

        bool IsApplied(ObjectRef name) => name is { Kind: "ConfigMap", Name: Pods.RuntimeConfig };
        return await new Reconciler(client, time).ApplySomeAsync(environment, wanted, IsApplied, options with { Wait = null }, cancellationToken) is { } failed
            ? failed
            : new AppliedSplit(deployment, split.Entries);
    }

    /// <inheritdoc/>
    public Task<Outcome<RuntimeConfig>> ReportRuntimeConfigAsync(EnvironmentDocument environment, CancellationToken cancellationToken) =>
        Task.FromResult<Outcome<RuntimeConfig>>(RuntimeProjection.Project(environment));

    private static DeployerRefusal.Provider Unconfigured() => new("no client configured: the deployer was made without access to a cluster");

    private async Task<Refusal?> AskAsync(EnvironmentDocument environment, RevisionId revision, JsonElement? answers, Func<KubeClient, RenderSettings, Revision, Task<Refusal?>> ask)
    {
        if (!DeployerChecks.Find(environment, revision).TryGet(out var found, out var refusal)
            || !settings(environment, answers).TryGet(out var wanted, out refusal))
        {
            return refusal;
        }

        return client is null ? Unconfigured() : await ask(client, wanted, found);
    }
}
