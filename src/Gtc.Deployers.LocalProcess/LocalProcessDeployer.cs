using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Deployers.LocalProcess;

/// <summary>
/// The reference deployer: revisions run on this machine. Passive, as it is by default, every verb only checks what must hold, and one <c>gtc start</c> serves
/// all that is routed. With the answer <c>supervise</c> each revision gets a worker process of its own.
/// </summary>
/// <param name="options">Where it works.</param>
public sealed class LocalProcessDeployer(LocalProcessOptions options) : IDeployer
{
    /// <summary>Where its documentation says what becomes of a split over a revision without a worker.</summary>
    public const string UnwarmedSplits = "docs/guides/local-workers.md: the router gives the share of a revision without a worker to the others";

    private readonly RevisionWorkers _workers = new(options);

    /// <inheritdoc/>
    public Task<Refusal?> StageRevisionAsync(EnvironmentDocument environment, RevisionId revision, CancellationToken cancellationToken) =>
        Task.FromResult(DeployerChecks.Find(environment, revision).Refusal);

    /// <inheritdoc/>
    public async Task<Refusal?> WarmRevisionAsync(EnvironmentDocument environment, RevisionId revision, JsonElement? answers, CancellationToken cancellationToken)
    {
        if (!DeployerChecks.Find(environment, revision).TryGet(out var found, out var refusal) || !LocalProcessSettings.Read(answers).TryGet(out var settings, out refusal))
        {
            return refusal;
        }

        return settings.Supervises ? (await _workers.EnsureAsync(environment, found, settings, cancellationToken)).Refusal : null;
    }

    /// <inheritdoc/>
    /// <remarks>Router and worker follow the environment: what is <c>draining</c> there gets no new sessions and keeps those that it has.</remarks>
    public Task<Refusal?> DrainRevisionAsync(EnvironmentDocument environment, RevisionId revision, CancellationToken cancellationToken) =>
        Task.FromResult(DeployerChecks.Find(environment, revision).Refusal);

    /// <inheritdoc/>
    public async Task<Refusal?> ArchiveRevisionAsync(EnvironmentDocument environment, RevisionId revision, JsonElement? answers, CancellationToken cancellationToken)
    {
        if (!DeployerChecks.Find(environment, revision).TryGet(out var found, out var refusal) || !LocalProcessSettings.Read(answers).TryGet(out var settings, out refusal))
        {
            return refusal;
        }

        return settings.Supervises ? (await _workers.EndAsync(environment.EnvironmentId, revision, TimeSpan.FromSeconds(found.DrainSeconds), cancellationToken)).Refusal : null;
    }

    /// <inheritdoc/>
    /// <remarks>The router follows the environment's own split, so there is nothing to put in force.</remarks>
    public Task<Outcome<AppliedSplit>> ApplyTrafficSplitAsync(EnvironmentDocument environment, DeploymentId deployment, JsonElement? answers, CancellationToken cancellationToken) =>
        Task.FromResult(DeployerChecks.Find(environment, deployment).Then(split => LocalProcessSettings.Read(answers).Then<AppliedSplit>(_ => new AppliedSplit(deployment, split.Entries))));

    /// <inheritdoc/>
    public Task<Outcome<RuntimeConfig>> ReportRuntimeConfigAsync(EnvironmentDocument environment, CancellationToken cancellationToken) =>
        Task.FromResult<Outcome<RuntimeConfig>>(RuntimeProjection.Project(environment));

    /// <summary>
    /// Brings the workers of an environment to what it says: every revision that is warming, ready or draining has one, and no other has. What is as it
    /// should be is left alone. A revision that fails does not keep the others from being seen to.
    /// </summary>
    /// <param name="environment">The environment as it is wanted.</param>
    /// <param name="answers">The answers of the binding; null for the defaults.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<Outcome<ReconciledWorkers>> ReconcileAsync(EnvironmentDocument environment, JsonElement? answers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(environment);
        if (!LocalProcessSettings.Read(answers).TryGet(out var settings, out var refusal))
        {
            return refusal;
        }

        if (!settings.Supervises)
        {
            return new ReconciledWorkers(false, [], [], [], []);
        }

        if (!_workers.Find(environment.EnvironmentId).TryGet(out var running, out refusal))
        {
            return refusal;
        }

        var report = new ReconciledWorkers(true, [], [], [], []);
        foreach (var stranger in running.Select(worker => worker.Revision).Distinct().Where(id => !environment.Revisions.Any(revision => revision.RevisionId == id && NeedsWorker(revision))))
        {
            var drain = environment.Revisions.FirstOrDefault(revision => revision.RevisionId == stranger)?.DrainSeconds ?? 0;
            var ended = await _workers.EndAsync(environment.EnvironmentId, stranger, TimeSpan.FromSeconds(drain), cancellationToken);
            report = ended.TryGet(out _, out var kept) ? report with { Ended = report.Ended.Add(stranger) } : report with { Failed = report.Failed.Add(new(stranger, kept)) };
        }

        foreach (var revision in environment.Revisions.Where(NeedsWorker))
        {
            var ensured = await _workers.EnsureAsync(environment, revision, settings, cancellationToken);
            report = !ensured.TryGet(out var isNew, out var failed) ? report with { Failed = report.Failed.Add(new(revision.RevisionId, failed)) }
                : isNew ? report with { Started = report.Started.Add(revision.RevisionId) }
                : report with { Kept = report.Kept.Add(revision.RevisionId) };
        }

        return report;
    }

    /// <summary>What <see cref="ReconcileAsync"/> would do; health is not asked for.</summary>
    /// <param name="environment">The environment as it is wanted.</param>
    /// <param name="answers">The answers of the binding; null for the defaults.</param>
    public Outcome<ReconciledWorkers> Plan(EnvironmentDocument environment, JsonElement? answers)
    {
        ArgumentNullException.ThrowIfNull(environment);
        if (!LocalProcessSettings.Read(answers).TryGet(out var settings, out var refusal))
        {
            return refusal;
        }

        if (!settings.Supervises)
        {
            return new ReconciledWorkers(false, [], [], [], []);
        }

        return _workers.Find(environment.EnvironmentId).Then<ReconciledWorkers>(found =>
        {
            var running = found.Select(worker => worker.Revision).ToHashSet();
            var needed = environment.Revisions.Where(NeedsWorker).Select(revision => revision.RevisionId).ToImmutableArray();
            return new ReconciledWorkers(true, needed.RemoveAll(running.Contains), needed.RemoveAll(revision => !running.Contains(revision)), [.. running.Except(needed)], []);
        });
    }

    /// <summary>Whether a revision has a worker: while it is warming, ready or draining.</summary>
    public static bool NeedsWorker(Revision revision) => revision?.Lifecycle is RevisionLifecycle.Warming or RevisionLifecycle.Ready or RevisionLifecycle.Draining;
}

/// <summary>What a reconcile did.</summary>
/// <param name="Supervises">False when the deployer is passive, and there is nothing to reconcile.</param>
/// <param name="Started">Revisions that got a worker.</param>
/// <param name="Kept">Revisions whose worker was there and healthy.</param>
/// <param name="Ended">Revisions that have none any more.</param>
/// <param name="Failed">Revisions that could not be brought to what is wanted.</param>
public sealed record ReconciledWorkers(
    bool Supervises, ImmutableArray<RevisionId> Started, ImmutableArray<RevisionId> Kept, ImmutableArray<RevisionId> Ended, ImmutableArray<FailedWorker> Failed);

/// <summary>A revision that could not be brought to what is wanted.</summary>
/// <param name="Revision">The revision.</param>
/// <param name="Why">Why.</param>
public sealed record FailedWorker(RevisionId Revision, Refusal Why);
