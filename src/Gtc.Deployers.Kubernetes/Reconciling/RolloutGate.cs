using Gtc.Kubernetes;

namespace Gtc.Deployers.Kubernetes;

/// <summary>When a Deployment is as far as it was asked to be (k8s-deployer.md §12).</summary>
public static class RolloutGate
{
    /// <summary>Whether all wanted pods are of the newest template and available, and none of an older one is left.</summary>
    /// <param name="generation">The generation of what is wanted.</param>
    /// <param name="desired">How many pods are wanted.</param>
    /// <param name="status">What the server says; counters that are missing are 0.</param>
    public static bool IsComplete(long generation, int desired, DeploymentStatus? status) =>
        status?.ObservedGeneration >= generation
        && (status.UpdatedReplicas ?? 0) >= desired
        && (status.Replicas ?? 0) <= (status.UpdatedReplicas ?? 0)
        && (status.AvailableReplicas ?? 0) >= desired;
}
