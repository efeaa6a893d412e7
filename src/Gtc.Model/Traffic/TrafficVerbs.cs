using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>The verbs on the dial. Pure.</summary>
public static class TrafficVerbs
{
    /// <summary>
    /// Sets the shares of a deployment. In this order: the deployment and every revision exist and belong together; the same key
    /// with the same shares is a replay, with others a conflict; every revision is ready; the shares sum to 10,000.
    /// </summary>
    public static Outcome<TrafficChange> Set(EnvironmentDocument document, SetTraffic command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(command);
        if (!Find.Deployment(document, command.DeploymentId).TryGet(out var deployment, out var refusal))
        {
            return refusal;
        }

        if (CheckKey(command.IdempotencyKey) is { } blank)
        {
            return blank;
        }

        if (FindStranger(document, command) is { } stranger)
        {
            return stranger;
        }

        var existing = Find.Split(document, command.DeploymentId);
        if (existing is not null && existing.IdempotencyKey == command.IdempotencyKey)
        {
            return SameShares(existing.Entries, command.Entries)
                ? new TrafficChange(document, existing, null, null)
                : new Refusal.Conflict($"idempotency key `{command.IdempotencyKey}` was used for other shares of deployment {command.DeploymentId}");
        }

        return FindUnready(document, command.Entries) is { } unready
            ? unready
            : Write(document, deployment, existing, command, now);
    }

    /// <summary>True when both hold the same shares in any order.</summary>
    public static bool SameShares(ImmutableArray<TrafficShare> left, ImmutableArray<TrafficShare> right) =>
        left.Length == right.Length
        && left.Select(Key).Order().SequenceEqual(right.Select(Key).Order());

    private static (Ulid, uint) Key(TrafficShare share) => (share.RevisionId.Value, share.WeightBps);

    private static Refusal? FindStranger(EnvironmentDocument document, SetTraffic command)
    {
        foreach (var entry in command.Entries)
        {
            var revision = document.Revisions.FirstOrDefault(r => r.RevisionId == entry.RevisionId);
            if (revision is null)
            {
                return new Refusal.Missing($"revision {entry.RevisionId} is not in environment `{document.EnvironmentId}`");
            }

            if (revision.DeploymentId != command.DeploymentId)
            {
                return new Refusal.InvalidArgument($"revision {entry.RevisionId} belongs to deployment {revision.DeploymentId}, not to {command.DeploymentId}");
            }
        }

        return null;
    }

    internal static Refusal.Conflict? FindUnready(EnvironmentDocument document, ImmutableArray<TrafficShare> entries)
    {
        foreach (var entry in entries)
        {
            if (!Find.Revision(document, entry.RevisionId).TryGet(out var revision, out var missing))
            {
                return new Refusal.Conflict(missing.Message);
            }

            if (revision.Lifecycle != RevisionLifecycle.Ready)
            {
                return new Refusal.Conflict($"revision {entry.RevisionId} is {RevisionVerbs.Text(revision.Lifecycle)}; only a ready one takes traffic")
                {
                    Next = Revive(revision),
                };
            }
        }

        return null;
    }

    /// <summary>How a revision becomes ready, or null when it never will again.</summary>
    private static string? Revive(Revision revision) => revision.Lifecycle switch
    {
        RevisionLifecycle.Staged or RevisionLifecycle.Warming => $"gtc op revisions warm {revision.EnvId} --revision {revision.RevisionId}",
        RevisionLifecycle.Failed => $"gtc op revisions retry {revision.EnvId} --revision {revision.RevisionId}",
        _ => null,
    };

    internal static Refusal.InvalidArgument? CheckKey(string key) => string.IsNullOrWhiteSpace(key) || key.Length > 255
        ? new Refusal.InvalidArgument("idempotency_key must be 1 to 255 characters and not blank")
        : null;

    /// <summary>A split as an inline token, without a stash of its own.</summary>
    internal static string Stash(TrafficSplit split) => InlineStash.Of(Documents.TrafficSplit.ToLine(split with { PreviousSplitRef = null }));

    /// <summary>Puts a split in the place of the deployment's present one.</summary>
    internal static EnvironmentDocument Put(EnvironmentDocument document, TrafficSplit split) => document with
    {
        TrafficSplits = Find.Split(document, split.DeploymentId) is { } existing ? document.TrafficSplits.Replace(existing, split) : document.TrafficSplits.Add(split),
        Bundles = [.. document.Bundles.Select(d => d.DeploymentId == split.DeploymentId && d.ClearedTraffic is not null ? d with { ClearedTraffic = null } : d)],
    };

    private static Outcome<TrafficChange> Write(
        EnvironmentDocument document, BundleDeployment deployment, TrafficSplit? existing, SetTraffic command, DateTimeOffset now)
    {
        var before = existing?.Generation ?? deployment.ClearedTraffic?.Generation;
        var generation = 0ul;
        if (before is { } counted && !Generations.Next(counted, $"the dial of deployment {deployment.DeploymentId}").TryGet(out generation, out var ended))
        {
            return ended;
        }

        var split = new TrafficSplit
        {
            Schema = Schemas.TrafficSplit,
            EnvId = document.EnvironmentId,
            DeploymentId = deployment.DeploymentId,
            BundleId = deployment.BundleId,
            Generation = generation,
            Entries = command.Entries,
            StickyGeneration = Sticky(existing, command.Entries, generation),
            UpdatedAt = now,
            UpdatedBy = command.UpdatedBy,
            IdempotencyKey = command.IdempotencyKey,
            AuthorizationRef = command.AuthorizationRef,
        };
        if (SplitRules.Validate(split) is { } broken)
        {
            return broken;
        }

        split = split with { PreviousSplitRef = Before(existing, deployment, split), Entries = SplitSlots.Assign(existing, split.Entries) };
        var after = Put(document, split);
        return Find.Sound(after, new TrafficChange(after, split, before, generation));
    }

    /// <summary>What cookies and pins are stamped with: the same as before while nobody who took traffic is left out, else the new generation.</summary>
    internal static ulong Sticky(TrafficSplit? before, ImmutableArray<TrafficShare> entries, ulong generation) =>
        before is not null && before.Entries.Where(entry => entry.WeightBps > 0).All(old => entries.Any(entry => entry.RevisionId == old.RevisionId && entry.WeightBps > 0))
            ? before.StickyGeneration ?? before.Generation
            : generation;

    /// <summary>What a rollback restores: the split before, or, stashed as a split without entries, that the deployment was out of routing.</summary>
    private static string? Before(TrafficSplit? existing, BundleDeployment deployment, TrafficSplit next) => (existing, deployment.ClearedTraffic) switch
    {
        ({ } split, _) => Stash(split),
        (_, { } cleared) => Stash(next with { Entries = [], Generation = cleared.Generation, UpdatedAt = cleared.UpdatedAt, UpdatedBy = cleared.UpdatedBy, IdempotencyKey = cleared.IdempotencyKey }),
        _ => null,
    };
}
