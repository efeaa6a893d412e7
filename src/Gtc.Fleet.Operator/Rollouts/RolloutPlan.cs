using System.Text;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Operator;

/// <summary>How one device stands in a roll-out.</summary>
public enum RolloutStep
{
    /// <summary>It has not been given the score.</summary>
    Waiting,

    /// <summary>It was given the score and has not said that it runs.</summary>
    Updating,

    /// <summary>It runs the score.</summary>
    Running,

    /// <summary>It failed with the score.</summary>
    Failed,
}

/// <summary>A device of a roll-out.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Step">How it stands.</param>
/// <param name="IsReachable">Whether it can be waited for: one that is away blocks nothing.</param>
/// <param name="Tag">What the caller knows it by.</param>
public readonly record struct RolloutDevice(string Id, RolloutStep Step, bool IsReachable, int Tag);

/// <summary>The rules of a roll-out, in numbers of devices or shares of those that match.</summary>
/// <param name="BatchSize">How many devices a batch has.</param>
/// <param name="MaxUnavailable">How many may be at work or failed at once because of it.</param>
/// <param name="PauseOnFailedPercent">More failures than this share of those that were given the score pause it.</param>
public sealed record RolloutRules(IntOrPercent BatchSize, IntOrPercent MaxUnavailable, int PauseOnFailedPercent);

/// <summary>What is to be done now, and how far it is.</summary>
/// <param name="Batch">The batch under way, from 1; 0 with no device.</param>
/// <param name="Batches">How many there are.</param>
/// <param name="Updated">Devices that have been given the score.</param>
/// <param name="IsPaused">Whether failures stopped it.</param>
/// <param name="Next">Tags of the devices to give the score to now.</param>
public sealed record RolloutPlan(int Batch, int Batches, int Updated, bool IsPaused, IReadOnlyList<int> Next)
{
    /// <summary>
    /// Decides (fleet.md §6.5). Everything follows from how the devices stand: nothing is remembered between calls, so a restart changes nothing.
    /// </summary>
    /// <param name="uid">The deployment's uid, which makes the order its own.</param>
    /// <param name="devices">The devices that match, in any order.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="isResumed">Whether a person looked at the failures and wants to go on.</param>
    public static RolloutPlan Of(string uid, IReadOnlyList<RolloutDevice> devices, RolloutRules rules, bool isResumed)
    {
        ArgumentNullException.ThrowIfNull(devices);
        ArgumentNullException.ThrowIfNull(rules);
        if (devices.Count == 0)
        {
            return new RolloutPlan(0, 0, 0, false, []);
        }

        var size = (int)Math.Max(1, rules.BatchSize.Of(devices.Count));
        var batches = (devices.Count + size - 1) / size;
        var ordered = devices.OrderBy(device => Place(device.Id, uid)).ThenBy(device => device.Id, StringComparer.Ordinal).ToList();
        var updated = devices.Count(device => device.Step != RolloutStep.Waiting);
        var failed = devices.Count(device => device.Step == RolloutStep.Failed);
        var isPaused = !isResumed && failed * 100L > (long)rules.PauseOnFailedPercent * Math.Max(1, updated) && updated < devices.Count;
        var batch = CurrentBatch(ordered, size, batches);
        var unavailable = devices.Count(device => device.Step is RolloutStep.Updating or RolloutStep.Failed && device.IsReachable);
        var room = (int)Math.Max(0, Math.Max(1, rules.MaxUnavailable.Of(devices.Count)) - unavailable);
        var due = ordered.Take(batch * size).Where(device => device.Step == RolloutStep.Waiting).ToList();
        // One that is away takes no room: it is served when it returns, and then counts.
        var next = isPaused ? [] : due.Where(device => device.IsReachable).Take(room).Concat(due.Where(device => !device.IsReachable)).Select(device => device.Tag).ToList();
        return new RolloutPlan(batch, batches, updated, isPaused, next);
    }

    /// <summary>The place of a device in the order: stable, and another for each deployment.</summary>
    internal static uint Place(string id, string uid) => DeviceSlot.Fnv1a(Encoding.UTF8.GetBytes(uid), DeviceSlot.Fnv1a(Encoding.UTF8.GetBytes(id)));

    /// <summary>The first batch in which a reachable device waits or is at work; the last one when there is none.</summary>
    private static int CurrentBatch(List<RolloutDevice> ordered, int size, int batches)
    {
        for (var batch = 1; batch < batches; batch++)
        {
            var isOpen = ordered.Skip((batch - 1) * size).Take(size).Any(device => device.Step switch
            {
                RolloutStep.Waiting => true,
                RolloutStep.Updating => device.IsReachable,
                _ => false,
            });
            if (isOpen)
            {
                return batch;
            }
        }

        return batches;
    }
}
