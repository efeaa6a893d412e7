namespace Gtc.Flows;

/// <summary>Where a flow runs. Templates see it as <c>runtime</c>: <c>env_id</c>, <c>tenant</c>, <c>deployment_id</c>, <c>bundle_id</c>, <c>revision_id</c>.</summary>
/// <param name="EnvironmentId">The environment.</param>
/// <param name="Tenant">The deployment's tenant; it is also the tenant of every reply.</param>
/// <param name="DeploymentId">The deployment.</param>
/// <param name="BundleId">The deployment's bundle id.</param>
/// <param name="RevisionId">The revision that answers.</param>
public sealed record FlowContext(string EnvironmentId, string Tenant, string DeploymentId, string BundleId, string RevisionId)
{
    /// <summary>The deployment's team, or null; its secrets come before those of the tenant.</summary>
    public string? Team { get; init; }
}
