using System.Collections.Immutable;
using System.Text;
using Gtc.Model;
using Gtc.Routing;

namespace Gtc.Deployers.Fleet;

/// <summary>
/// Gives every device exactly one revision of a deployment. A device falls on a slot by the router's own hash of its id (<see cref="CallerSlot"/>), and
/// the split says who holds the slot (<see cref="SplitSlots"/>). A hash alone misses a share by the square root of the number of devices, so the numbers
/// are fixed first (<see cref="DeviceQuotas"/>) and slots only decide which devices it is: a revision with too many gives up exactly the surplus, one
/// with too few takes exactly that, and nobody else moves. Devices go first where their label remembers that they were, so that a rollback restores
/// what it undoes.
/// </summary>
public static class DeviceShares
{
    private const ushort None = ushort.MaxValue;

    /// <summary>The revision of each device, in the order of the devices.</summary>
    /// <param name="deployment">The deployment, the salt of the hash.</param>
    /// <param name="shares">Its shares; their weights sum to 10,000.</param>
    /// <param name="devices">The devices, each once.</param>
    public static ImmutableArray<RevisionId> Assign(DeploymentId deployment, ImmutableArray<TrafficShare> shares, IReadOnlyList<DeviceSeat> devices)
    {
        ArgumentNullException.ThrowIfNull(devices);
        var held = new ushort[devices.Count];
        var counts = new int[shares.Length];
        var homes = new int[shares.Length];
        for (var device = 0; device < held.Length; device++)
        {
            held[device] = IndexOf(shares, devices[device].Runs);
            if (held[device] != None)
            {
                counts[held[device]]++;
            }

            if (IndexOf(shares, devices[device].Remembered) is not None and var home)
            {
                homes[home]++;
            }
        }

        var move = new Moves(held, counts, DeviceQuotas.Restored(shares, homes, devices.Count) ?? DeviceQuotas.Of(shares, counts, devices.Count));
        if (!move.IsOver)
        {
            Settle(deployment, shares, devices, move);
        }

        return [.. held.Select(index => shares[index].RevisionId)];
    }

    private static void Settle(DeploymentId deployment, ImmutableArray<TrafficShare> shares, IReadOnlyList<DeviceSeat> devices, Moves move)
    {
        var slots = new CallerSlot(deployment);
        var holders = SplitSlots.Read(shares);
        var fallen = devices.Select(device => slots.Of(Encoding.UTF8.GetBytes(device.Id))).ToArray();

        // From the last slot down, as a split gives up its slots; where two devices share one, their ids decide.
        var order = Enumerable.Range(0, devices.Count).OrderByDescending(device => fallen[device]).ThenBy(device => devices[device].Id, StringComparer.Ordinal).ToArray();
        foreach (var device in order)
        {
            move.Try(device, IndexOf(shares, devices[device].Remembered));
        }

        foreach (var device in order)
        {
            move.Try(device, holders[fallen[device]]);
        }

        foreach (var device in order)
        {
            move.TryAny(device);
        }
    }

    private static ushort IndexOf(ImmutableArray<TrafficShare> shares, RevisionId? revision)
    {
        for (var index = 0; revision is not null && index < shares.Length; index++)
        {
            if (shares[index].RevisionId == revision && shares[index].WeightBps > 0)
            {
                return (ushort)index;
            }
        }

        return None;
    }

    /// <summary>Who holds which device while surplus goes to where it is missing.</summary>
    private sealed class Moves(ushort[] held, int[] counts, int[] quotas)
    {
        private int _missing = quotas.Zip(counts).Sum(pair => Math.Max(pair.First - pair.Second, 0));

        public bool IsOver => _missing == 0;

        /// <summary>Moves a device that may go to a revision that wants one.</summary>
        public void Try(int device, ushort wanted)
        {
            if (IsOver || wanted == None || counts[wanted] >= quotas[wanted] || !MayGo(device))
            {
                return;
            }

            if (held[device] != None)
            {
                counts[held[device]]--;
            }

            held[device] = wanted;
            counts[wanted]++;
            _missing--;
        }

        /// <summary>Moves a device that may go to whichever wants one.</summary>
        public void TryAny(int device)
        {
            for (var index = 0; index < quotas.Length && MayGo(device); index++)
            {
                Try(device, (ushort)index);
            }
        }

        private bool MayGo(int device) => held[device] is var holder && (holder == None || counts[holder] > quotas[holder]);
    }
}
