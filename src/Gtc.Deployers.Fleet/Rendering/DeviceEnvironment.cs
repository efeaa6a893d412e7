using Gtc.Model;

namespace Gtc.Deployers.Fleet;

/// <summary>
/// The environment as a device that runs one revision needs it. Whatever changes in it starts the worker anew on every device, so it has nothing of
/// other revisions, of traffic, or of how far the revision is in its life.
/// </summary>
internal static class DeviceEnvironment
{
    /// <summary>Cuts it out.</summary>
    public static EnvironmentDocument Of(EnvironmentDocument document, Revision revision) => document with
    {
        EnvGeneration = null,
        CredentialsRef = null,
        Packs = [.. document.Packs.Where(pack => pack.Slot != CapabilitySlot.Deployer)],
        Bundles = [.. document.Bundles.Where(bundle => bundle.DeploymentId == revision.DeploymentId).Select(bundle => bundle with { CurrentRevisions = [revision.RevisionId], Usage = null })],
        Revisions = [revision with { Lifecycle = RevisionLifecycle.Ready, StagedAt = null, WarmedAt = null }],
        TrafficSplits = [],
        MessagingEndpoints = [.. document.MessagingEndpoints.Where(endpoint => endpoint.LinkedBundles.IsEmpty || endpoint.LinkedBundles.Contains(revision.BundleId))],
        Retention = new(),
        Health = new(),
    };
}
