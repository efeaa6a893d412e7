using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Conformance;

/// <summary>
/// A provider that can be looked at and made to fail: what the author of a deployer puts between the deployer and the real provider, or a fake in
/// its place. Used by several threads at once.
/// </summary>
public interface IObservedProvider
{
    /// <summary>Every call since the last <see cref="ForgetCalls"/>, in order. Calls of <see cref="SnapshotAsync"/> and the like are not among them.</summary>
    ImmutableArray<ProviderCall> Calls { get; }

    /// <summary>Whether what is made becomes healthy. When false, a health gate must never see it ready.</summary>
    bool IsReady { get; set; }

    /// <summary>Empties <see cref="Calls"/>.</summary>
    void ForgetCalls();

    /// <summary>Makes one call fail, as if the provider had been away for a moment, before it has any effect.</summary>
    /// <param name="number">Which, counted from now; the next one is 1.</param>
    void FailCall(int number);

    /// <summary>All objects that deployers made here, of all environments.</summary>
    /// <param name="cancellationToken">Stops it.</param>
    Task<ImmutableArray<ProviderObject>> SnapshotAsync(CancellationToken cancellationToken);

    /// <summary>Whether a revision answers requests. Asked of deployers with a health gate only.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="revision">The revision.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<bool> IsServingAsync(EnvironmentDocument environment, RevisionId revision, CancellationToken cancellationToken);

    /// <summary>The shares of a deployment that are in force; empty when there are none. Asked of deployers that provide traffic only.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="deployment">The deployment.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<ImmutableArray<TrafficShare>> RoutesAsync(EnvironmentDocument environment, DeploymentId deployment, CancellationToken cancellationToken);

    /// <summary>What the provider finds wrong with an object's name, or null.</summary>
    /// <param name="name">The name, as snapshots have it.</param>
    string? FindNameFault(string name);
}
