using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>The shares that a deployer put in force.</summary>
/// <param name="AppliedDeploymentId">Whose they are.</param>
/// <param name="AppliedEntries">The shares, exactly as they are recorded and in that order.</param>
public sealed record AppliedSplit(DeploymentId AppliedDeploymentId, ImmutableArray<TrafficShare> AppliedEntries);
