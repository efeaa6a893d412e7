using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Deployers.Fleet;

/// <summary>How many devices run a revision.</summary>
/// <param name="Deployment">The deployment.</param>
/// <param name="Revision">The revision.</param>
/// <param name="WeightBps">Its share in basis points.</param>
/// <param name="Devices">How many devices that is.</param>
public sealed record RevisionDevices(DeploymentId Deployment, RevisionId Revision, uint WeightBps, int Devices);

/// <summary>What a convergence of a fleet did.</summary>
public sealed record FleetReport
{
    /// <summary>Objects, drift and warnings, as for every cluster.</summary>
    public required ReconcileReport Objects { get; init; }

    /// <summary>How many devices each revision with a share has.</summary>
    public required ImmutableArray<RevisionDevices> Devices { get; init; }

    /// <summary>How many devices were given another revision than they ran.</summary>
    public required int Moved { get; init; }

    /// <summary>How many labels of devices were written, or would be.</summary>
    public required int Labelled { get; init; }
}
