using System.Text.Json;

namespace Gtc.Model;

/// <summary>
/// What brings an environment's revisions to the place where they run (deployers-and-conformance.md §1). Every call can be repeated: a second one with
/// the same input succeeds and changes nothing. What must hold is checked before the provider is asked. Expected failures are
/// <see cref="DeployerRefusal"/>s; cancellation is an exception, and leaves a state that the next call goes on from.
/// </summary>
public interface IDeployer
{
    /// <summary>Prepares a revision; nothing runs yet.</summary>
    /// <param name="environment">The environment as it is wanted.</param>
    /// <param name="revision">The revision.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Null on success; <see cref="DeployerRefusal.RevisionNotFound"/>, or what the provider says.</returns>
    Task<Refusal?> StageRevisionAsync(EnvironmentDocument environment, RevisionId revision, CancellationToken cancellationToken);

    /// <summary>Makes a revision run. On success what runs is healthy, not only asked for.</summary>
    /// <param name="environment">The environment as it is wanted.</param>
    /// <param name="revision">The revision.</param>
    /// <param name="answers">The answers of the deployer's binding, a JSON object; null for its defaults.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Null on success.</returns>
    Task<Refusal?> WarmRevisionAsync(EnvironmentDocument environment, RevisionId revision, JsonElement? answers, CancellationToken cancellationToken);

    /// <summary>Lets a revision end what it has begun; nothing is torn down.</summary>
    /// <param name="environment">The environment as it is wanted.</param>
    /// <param name="revision">The revision.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Null on success.</returns>
    Task<Refusal?> DrainRevisionAsync(EnvironmentDocument environment, RevisionId revision, CancellationToken cancellationToken);

    /// <summary>Removes what a revision runs on. What is not there is removed already.</summary>
    /// <param name="environment">The environment as it is wanted.</param>
    /// <param name="revision">The revision.</param>
    /// <param name="answers">The answers of the deployer's binding, a JSON object; null for its defaults.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Null on success.</returns>
    Task<Refusal?> ArchiveRevisionAsync(EnvironmentDocument environment, RevisionId revision, JsonElement? answers, CancellationToken cancellationToken);

    /// <summary>
    /// Makes the recorded shares of one deployment those that requests see; no other deployment is touched. Checked in this order: the split is
    /// recorded, it sums to the whole, the answers can be used, the provider.
    /// </summary>
    /// <param name="environment">The environment as it is wanted.</param>
    /// <param name="deployment">The deployment.</param>
    /// <param name="answers">The answers of the deployer's binding, a JSON object; null for its defaults.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The shares exactly as they are recorded.</returns>
    Task<Outcome<AppliedSplit>> ApplyTrafficSplitAsync(EnvironmentDocument environment, DeploymentId deployment, JsonElement? answers, CancellationToken cancellationToken);

    /// <summary>What is served, by the environment (<see cref="RuntimeProjection"/>) and with what only the provider knows; never less than the projection.</summary>
    /// <param name="environment">The environment as it is wanted.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<Outcome<RuntimeConfig>> ReportRuntimeConfigAsync(EnvironmentDocument environment, CancellationToken cancellationToken);
}
