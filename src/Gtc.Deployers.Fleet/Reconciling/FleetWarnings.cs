using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Deployers.Fleet;

/// <summary>What a person should know although it worked.</summary>
internal static class FleetWarnings
{
    /// <summary>Finds them.</summary>
    public static ImmutableArray<string> Of(FleetState state, ImmutableDictionary<DeploymentId, DevicePlan> plans)
    {
        var document = state.Document;
        return
        [
            .. state.Devices.Count == 0 ? [$"no device of the cluster matches `{state.Settings.Devices.Compile().Value}`"] : Array.Empty<string>(),
            .. from split in document.TrafficSplits
               where state.Devices.Count > 0 && plans.ContainsKey(split.DeploymentId)
               from share in split.Entries
               where share.WeightBps > 0 && plans[split.DeploymentId].Devices.GetValueOrDefault(share.RevisionId) == 0
               select $"revision {share.RevisionId} has no device: its share of {share.WeightBps / 100m:0.##} % is less than one of {state.Devices.Count}",
            .. from revision in document.Revisions
               where FleetRenderer.IsPresent(document, revision) && string.IsNullOrEmpty(revision.BundleSourceUri)
               select $"revision {revision.RevisionId} names no source for its bundle, so no device can pull it",
            .. document.Packs.Any(pack => pack.Slot == CapabilitySlot.Secrets) ? ["secrets stay here: devices are given none"] : Array.Empty<string>(),
        ];
    }
}
