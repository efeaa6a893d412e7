using System.Collections.Immutable;
using Gtc.Cli.Op.Clusters;
using Gtc.Model;

namespace Gtc.Cli.Op.Apply;

/// <summary>What the environment's deployer would change when it next converges.</summary>
/// <param name="Kind">The deployer, or null when none is bound.</param>
/// <param name="IsKnown">False when it cannot be told without asking the deployer.</param>
/// <param name="Objects">What would be created, changed or pruned.</param>
/// <param name="Note">What is not known, and why; null when everything is.</param>
internal sealed record DeployerPreview(string? Kind, bool IsKnown, ImmutableArray<PlanObject> Objects, string? Note)
{
    private const string LocalProcess = "greentic.deployer.local-process";

    /// <summary>Compares what runs before and after.</summary>
    public static DeployerPreview Of(Planned made, EnvironmentDocument after)
    {
        if (after.Packs.FirstOrDefault(pack => pack.Slot == CapabilitySlot.Deployer)?.Kind is not { } kind)
        {
            return new(null, true, [], "no deployer is bound, so nothing runs");
        }

        if (DeployerKind.HasCluster(kind))
        {
            return made.World.Cluster.Compare(made, after).Match(
                objects => new DeployerPreview(kind.ToString(), true, objects, null),
                refusal => new DeployerPreview(kind.ToString(), false, [], $"what {kind} would change is not known: {refusal.Message}"));
        }

        if (kind.Path != LocalProcess)
        {
            return new(kind.ToString(), false, [], $"what {kind} would change is not known: apply writes the store only, and this gtc cannot render for that deployer");
        }

        var running = Workers(made.Current);
        var wanted = Workers(after);
        return new(
            kind.ToString(),
            true,
            [
                .. wanted.Except(running).Select(worker => new PlanObject("create", "worker", worker)),
                .. running.Except(wanted).Select(worker => new PlanObject("prune", "worker", worker)),
            ],
            null);
    }

    /// <summary>One worker runs every revision that takes a share of traffic.</summary>
    private static ImmutableArray<string> Workers(EnvironmentDocument? document) =>
        [.. (document?.TrafficSplits ?? []).SelectMany(split => split.Entries).Where(entry => entry.WeightBps > 0).Select(entry => entry.RevisionId.ToString())];
}
