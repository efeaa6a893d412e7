using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>The verbs that take the dial away and turn it back (environment-model.md §4.6). Pure.</summary>
public static class TrafficUndo
{
    /// <summary>
    /// Takes a deployment out of routing. This is a generation of its own, and a rollback undoes it. Clearing what is cleared changes nothing;
    /// a deployment that was never routed has nothing to clear.
    /// </summary>
    public static Outcome<DialChange> Clear(EnvironmentDocument document, ClearTraffic command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(command);
        if (!Find.Deployment(document, command.DeploymentId).TryGet(out var deployment, out var refusal))
        {
            return refusal;
        }

        if (TrafficVerbs.CheckKey(command.IdempotencyKey) is { } blank)
        {
            return blank;
        }

        if (Find.Split(document, command.DeploymentId) is not { } split)
        {
            return deployment.ClearedTraffic is null ? NoSplit(deployment) : new DialChange(document, null, null, null);
        }

        return Next(split.Generation, deployment).Then(generation => Cleared(document, deployment, split, new ClearedTraffic
        {
            Generation = generation,
            UpdatedAt = now,
            UpdatedBy = command.UpdatedBy,
            IdempotencyKey = command.IdempotencyKey,
            PreviousSplitRef = TrafficVerbs.Stash(split),
        }));
    }

    /// <summary>
    /// Restores what the dial was before, once, under a new generation: the shares before a set, the split before a clear, and no routing
    /// when the deployment was out of it. Every restored revision must still be ready.
    /// </summary>
    public static Outcome<DialChange> Rollback(EnvironmentDocument document, DeploymentId id, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(document);
        if (!Find.Deployment(document, id).TryGet(out var deployment, out var refusal))
        {
            return refusal;
        }

        var of = $"the dial of deployment {id}";
        if (Find.Split(document, id) is { } split)
        {
            return InlineStash.Open(split.PreviousSplitRef, Documents.TrafficSplit, of).Then(stashed => stashed.Entries.IsEmpty
                ? Next(split.Generation, deployment).Then(generation => Cleared(document, deployment, split, new ClearedTraffic
                {
                    Generation = generation,
                    UpdatedAt = now,
                    UpdatedBy = stashed.UpdatedBy,
                    IdempotencyKey = RolledBack(split.IdempotencyKey),
                }))
                : Restore(document, deployment, stashed, split, split.Generation, RolledBack(split.IdempotencyKey), now));
        }

        return deployment.ClearedTraffic is { } cleared
            ? InlineStash.Open(cleared.PreviousSplitRef, Documents.TrafficSplit, of)
                .Then(stashed => Restore(document, deployment, stashed, null, cleared.Generation, RolledBack(cleared.IdempotencyKey), now))
            : NoSplit(deployment);
    }

    /// <summary>
    /// The split that a rollback goes back to, whether or not it is allowed to at the moment; it has no entries when the deployment was out of routing.
    /// A conflict when there is none.
    /// </summary>
    public static Outcome<TrafficSplit> Before(EnvironmentDocument document, DeploymentId id)
    {
        ArgumentNullException.ThrowIfNull(document);
        return Find.Deployment(document, id).Then(deployment => InlineStash.Open(
            (Find.Split(document, id)?.PreviousSplitRef) ?? deployment.ClearedTraffic?.PreviousSplitRef, Documents.TrafficSplit, $"the dial of deployment {id}"));
    }

    private static Outcome<DialChange> Restore(
        EnvironmentDocument document, BundleDeployment deployment, TrafficSplit stashed, TrafficSplit? current, ulong generation, string key, DateTimeOffset now)
    {
        if (stashed.DeploymentId != deployment.DeploymentId)
        {
            return new Refusal.Conflict($"what the dial of deployment {deployment.DeploymentId} was before belongs to deployment {stashed.DeploymentId}");
        }

        if ((SplitRules.Validate(stashed) ?? (Refusal?)TrafficVerbs.FindUnready(document, stashed.Entries)) is { } unfit)
        {
            return unfit;
        }

        return Next(generation, deployment).Then(next =>
        {
            var restored = stashed with { Generation = next, StickyGeneration = TrafficVerbs.Sticky(current, stashed.Entries, next), PreviousSplitRef = null, UpdatedAt = now, IdempotencyKey = key };
            var after = TrafficVerbs.Put(document, restored);
            return Find.Sound(after, new DialChange(after, restored, generation, next));
        });
    }

    private static Outcome<DialChange> Cleared(EnvironmentDocument document, BundleDeployment deployment, TrafficSplit split, ClearedTraffic cleared)
    {
        var after = document with
        {
            TrafficSplits = document.TrafficSplits.Remove(split),
            Bundles = document.Bundles.Replace(deployment, deployment with { ClearedTraffic = cleared }),
        };
        return Find.Sound(after, new DialChange(after, null, split.Generation, cleared.Generation));
    }

    private static Outcome<ulong> Next(ulong generation, BundleDeployment deployment) => Generations.Next(generation, $"the dial of deployment {deployment.DeploymentId}");

    private static string RolledBack(string key) => "rollback-" + key;

    private static Refusal.Missing NoSplit(BundleDeployment deployment) =>
        new($"deployment {deployment.DeploymentId} of bundle `{deployment.BundleId}` has no traffic split") { Next = $"gtc op traffic set {deployment.EnvId} --deployment {deployment.DeploymentId}" };
}
