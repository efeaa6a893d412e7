using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Deployers.Fleet;

/// <summary>One device and its label.</summary>
/// <param name="Id">The device.</param>
/// <param name="Label">What its label names; null when it has none.</param>
internal readonly record struct LabelledDevice(string Id, string? Label);

/// <summary>Labels that can be written at once, in any order, and then claims that must be changed one after the other.</summary>
/// <param name="Labels">The devices and what each is to be labelled with.</param>
/// <param name="Claims">The changes, in order.</param>
internal sealed record PlanStage(ImmutableArray<KeyValuePair<string, RevisionId>> Labels, ImmutableArray<ClaimChange> Claims);

/// <summary>
/// How the devices of one deployment come to where a split wants them, as writes in an order in which, at every moment, no device is claimed twice and
/// none is claimed by a revision that it neither had nor gets. Labels that have no effect yet are written first; then a few Deployments change what
/// they claim. A run that was cut off is gone on with by planning anew from what is there.
/// </summary>
internal sealed record DevicePlan
{
    /// <summary>The stages, in order; empty when everything is as it should be.</summary>
    public required ImmutableArray<PlanStage> Stages { get; init; }

    /// <summary>How many devices each revision with a share gets.</summary>
    public required ImmutableDictionary<RevisionId, int> Devices { get; init; }

    /// <summary>How many devices run another revision afterwards, those that ran none not counted.</summary>
    public required int Moved { get; init; }

    /// <summary>Plans what a split wants.</summary>
    /// <param name="deployment">The deployment.</param>
    /// <param name="shares">Its shares, none for a deployment that is not routed.</param>
    /// <param name="live">What the Deployments claim now.</param>
    /// <param name="others">Further revisions that are to have a Deployment.</param>
    /// <param name="devices">The devices.</param>
    public static DevicePlan Of(DeploymentId deployment, ImmutableArray<TrafficShare> shares, DeviceClaims live, IEnumerable<RevisionId> others, IReadOnlyList<LabelledDevice> devices)
    {
        var wanted = DeviceClaims.Of(shares, others);
        var runs = devices.Select(device => live.ClaimantOf(device.Label)).ToArray();
        if (wanted.Rest is null)
        {
            return new DevicePlan { Stages = Whole([], live.StepsTo(wanted)), Devices = ImmutableDictionary<RevisionId, int>.Empty, Moved = runs.Count(id => id is not null) };
        }

        var given = Assign(deployment, shares, wanted, devices, runs);
        var counts = given.CountBy(id => id).ToImmutableDictionary();
        var moved = given.Where((id, index) => runs[index] is { } had && had != id).Count();
        return new DevicePlan { Stages = StagesOf(live, wanted, devices, runs, given), Devices = counts, Moved = moved };
    }

    /// <summary>
    /// Plans that one revision gets a Deployment and, of the devices of its share, those that run nothing of the deployment. No other revision loses a
    /// device. A Deployment that is there claims what it claims.
    /// </summary>
    public static DevicePlan ForWarm(DeploymentId deployment, RevisionId revision, ImmutableArray<TrafficShare> shares, DeviceClaims live, IReadOnlyList<LabelledDevice> devices)
    {
        var counted = devices.Select(device => live.ClaimantOf(device.Label)).OfType<RevisionId>().CountBy(id => id).ToImmutableDictionary();
        if (live.ByRevision.ContainsKey(revision))
        {
            return new DevicePlan { Stages = [], Devices = counted, Moved = 0 };
        }

        var wanted = DeviceClaims.Of(shares, [revision]);
        if (wanted.ByRevision[revision] is DeviceClaim.Nobody || (wanted.ByRevision[revision] is DeviceClaim.Rest { Others.IsEmpty: true } && live.ByRevision.Values.All(claim => claim is DeviceClaim.Nobody)))
        {
            return new DevicePlan { Stages = Whole([], [new(revision, wanted.ByRevision[revision])]), Devices = counted, Moved = 0 };
        }

        var runs = devices.Select(device => live.ClaimantOf(device.Label)).ToArray();
        var given = Assign(deployment, shares, wanted, devices, runs);
        var labels = ImmutableArray.CreateBuilder<KeyValuePair<string, RevisionId>>();
        for (var index = 0; index < devices.Count; index++)
        {
            var isOurs = devices[index].Label == revision.ToString();
            var keeper = runs[index] ?? given[index];

            // A label from an earlier life of the revision would take the device from who has it now.
            if (isOurs != (keeper == revision))
            {
                labels.Add(new(devices[index].Id, keeper));
            }
        }

        return new DevicePlan { Stages = Whole(labels.ToImmutable(), [new(revision, DeviceClaim.Own)]), Devices = counted, Moved = 0 };
    }

    private static ImmutableArray<RevisionId> Assign(DeploymentId deployment, ImmutableArray<TrafficShare> shares, DeviceClaims wanted, IReadOnlyList<LabelledDevice> devices, RevisionId?[] runs) =>
        DeviceShares.Assign(deployment, shares, [.. devices.Select((device, index) => new DeviceSeat(device.Id, runs[index], Remembered(device.Label, runs[index] is not null, wanted)))]);

    /// <summary>Where a label says that a device belongs. One that runs something and has no label was never labelled because it belonged to the rest.</summary>
    private static RevisionId? Remembered(string? label, bool runsSomething, DeviceClaims wanted) =>
        RevisionId.TryParse(label, out var named) && wanted.Takes(named) ? named
        : runsSomething ? wanted.Rest
        : null;

    private static ImmutableArray<PlanStage> StagesOf(DeviceClaims live, DeviceClaims wanted, IReadOnlyList<LabelledDevice> devices, RevisionId?[] runs, ImmutableArray<RevisionId> given)
    {
        var before = ImmutableArray.CreateBuilder<KeyValuePair<string, RevisionId>>();
        var after = ImmutableArray.CreateBuilder<KeyValuePair<string, RevisionId>>();
        for (var index = 0; index < devices.Count; index++)
        {
            if (wanted.ClaimantOf(devices[index].Label) == given[index])
            {
                continue;
            }

            // As long as the label leads nowhere else under the claims of now, it can be written before they change.
            var effect = live.ClaimantOf(given[index].ToString());
            (effect == runs[index] || effect == given[index] ? before : after).Add(new(devices[index].Id, given[index]));
        }

        if (after.Count == 0)
        {
            return Whole(before.ToImmutable(), live.StepsTo(wanted));
        }

        var open = Open(live, wanted);
        return [.. Whole(before.ToImmutable(), live.StepsTo(open)), .. Whole(after.ToImmutable(), open.StepsTo(wanted))];
    }

    /// <summary>Claims under which every device is where it was, and every label of a revision with a share leads to it.</summary>
    private static DeviceClaims Open(DeviceClaims live, DeviceClaims wanted)
    {
        var taking = wanted.ByRevision.Where(pair => pair.Value is not DeviceClaim.Nobody).Select(pair => pair.Key).ToList();
        var claims = live.ByRevision.SetItems(taking.Select(id => KeyValuePair.Create(id, DeviceClaim.Own)));
        if (live.Rest is { } rest)
        {
            var owners = claims.Where(pair => pair.Value is DeviceClaim.Labelled).Select(pair => pair.Key);
            claims = claims.SetItem(rest, DeviceClaim.AllBut(owners.Where(id => id != rest)));
        }

        return new(claims.RemoveRange(claims.Where(pair => pair.Value is DeviceClaim.Strange).Select(pair => pair.Key)));
    }

    private static ImmutableArray<PlanStage> Whole(ImmutableArray<KeyValuePair<string, RevisionId>> labels, ImmutableArray<ClaimChange> claims) =>
        labels.IsEmpty && claims.IsEmpty ? [] : [new(labels, claims)];
}
