namespace Gtc.Model;

/// <summary>For whom, and by what, something was done.</summary>
/// <param name="CustomerId">Who is billed.</param>
/// <param name="Tenant">Whose calls these were.</param>
/// <param name="DeploymentId">The deployment.</param>
/// <param name="BundleId">Its bundle.</param>
/// <param name="RevisionId">The revision that did it.</param>
public sealed record UsageSource(string CustomerId, string Tenant, DeploymentId DeploymentId, string BundleId, RevisionId RevisionId);

/// <summary>What all workers together did for one source within one hour.</summary>
/// <param name="Source">For whom and by what.</param>
/// <param name="Hour">The beginning of the hour, UTC.</param>
/// <param name="Counts">How much.</param>
public sealed record UsageHour(UsageSource Source, DateTimeOffset Hour, UsageCounts Counts);
