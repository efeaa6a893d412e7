using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Agent.Reconciling;

/// <summary>Which change of phase is told to the fleet (fleet.md §8.3).</summary>
internal static class Phases
{
    /// <summary>
    /// Whether a report says something new. Pending is told only when a new score begins or nothing was told yet: a device that retries after a failure stays failed until it runs,
    /// and does not write twice a second.
    /// </summary>
    public static bool IsNew(DeploymentPhase? before, string? hashBefore, string? errorBefore, DeploymentPhase after, string? hashAfter, string? errorAfter) =>
        before is null
        || hashBefore != hashAfter
        || (after != before && !(after == DeploymentPhase.Pending && before == DeploymentPhase.Failed))
        || (after == DeploymentPhase.Failed && errorBefore != errorAfter);
}
