using System.Collections.Immutable;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Agent.CatchingUp;

/// <summary>What a device has of one deployment.</summary>
/// <param name="Hash">The hash of the bytes.</param>
/// <param name="Seq">The sequence of the message that brought them.</param>
internal sealed record LocalEntry(string Hash, long Seq);

/// <summary>What has to happen so that a device has what its manifest says.</summary>
/// <param name="Fetch">Deployments whose bytes are to be fetched.</param>
/// <param name="Apply">Deployments whose bytes came already and are to be taken over.</param>
/// <param name="Remove">Deployments that are to go.</param>
/// <param name="IsStale">True when the manifest is older than the one that the device has: nothing goes.</param>
internal sealed record CatchUpPlan(ImmutableArray<DeploymentName> Fetch, ImmutableArray<DeploymentName> Apply, ImmutableArray<DeploymentName> Remove, bool IsStale)
{
    /// <summary>True when there is nothing to do.</summary>
    public bool IsEmpty => Fetch.IsEmpty && Apply.IsEmpty && Remove.IsEmpty;
}

/// <summary>Desired state after a pause, and as it changes (fleet.md §4.4).</summary>
internal static class CatchUp
{
    /// <summary>
    /// Compares a manifest with what the device has. Only a manifest with a higher revision takes something away; one that is absent, empty of bytes or unreadable never comes here.
    /// </summary>
    /// <param name="manifest">The manifest that was read.</param>
    /// <param name="localRev">The revision that the device has, or null when it has none.</param>
    /// <param name="local">The deployments that the device has.</param>
    /// <param name="staged">Bytes that came live and wait for the manifest that names them.</param>
    /// <param name="acceptsOlder">True when the broker stays with an older revision, as one does that was restored: what it lists is taken over, and still nothing goes.</param>
    public static CatchUpPlan Plan(
        DeviceManifest manifest,
        long? localRev,
        IReadOnlyDictionary<DeploymentName, LocalEntry> local,
        IReadOnlyDictionary<DeploymentName, LocalEntry> staged,
        bool acceptsOlder)
    {
        var isStale = localRev > manifest.Rev && !acceptsOlder;
        var wanted = isStale ? [] : manifest.Entries.Where(entry => local.GetValueOrDefault(entry.Key)?.Hash != entry.Value.Hash).ToList();
        var here = wanted.Where(entry => staged.GetValueOrDefault(entry.Key)?.Hash == entry.Value.Hash).Select(entry => entry.Key).ToHashSet();
        return new(
            [.. wanted.Select(entry => entry.Key).Where(name => !here.Contains(name))],
            [.. here.Order()],
            localRev is null || manifest.Rev > localRev ? [.. local.Keys.Where(name => !manifest.Entries.ContainsKey(name)).Order()] : [],
            isStale);
    }

    /// <summary>Whether a live message is newer than what the device has of that deployment.</summary>
    public static bool IsNewer(long seq, LocalEntry? local, LocalEntry? staged) => seq > (local?.Seq ?? 0) && seq > (staged?.Seq ?? 0);

    /// <summary>The wait until the manifest is read again although nothing happened: 5 min, give or take a fifth.</summary>
    public static TimeSpan SafetyNet(double random) => TimeSpan.FromMinutes(5) * (0.8 + (0.4 * random));
}
