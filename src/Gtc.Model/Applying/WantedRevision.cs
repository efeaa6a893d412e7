using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>One revision that a manifest wants routed.</summary>
internal sealed record WantedRevision
{
    public required string Digest { get; init; }

    public required string? SourceUri { get; init; }

    public required uint WeightBps { get; init; }

    public required string? Path { get; init; }

    public required ImmutableArray<PackListEntry> PackList { get; init; }

    public uint? DrainSeconds { get; init; }

    public ImmutableArray<string> AbortMetrics { get; init; } = [];

    /// <summary>The revisions of a bundle, or null when an artifact is missing, which the draft then knows.</summary>
    public static Outcome<ImmutableArray<WantedRevision>?> Of(PlanDraft draft, ManifestBundle bundle, string at)
    {
        var entries = bundle.Revisions ?? [new ManifestRevision { Name = string.Empty, BundlePath = bundle.BundlePath, BundleSourceUri = bundle.BundleSourceUri, BundleDigest = bundle.BundleDigest }];
        var weights = ManifestWeights.Resolve(entries);
        var wanted = ImmutableArray.CreateBuilder<WantedRevision>();
        var isMissing = false;
        for (var index = 0; index < entries.Length; index++)
        {
            var entry = entries[index];
            var place = bundle.Revisions is null ? at : $"{at}.revisions[{index}]";
            var key = bundle.Revisions is null ? bundle.BundleId : $"{bundle.BundleId}/{entry.Name}";
            if (!Resolve(draft, entry, key, place).TryGet(out var artifact, out var refusal))
            {
                return refusal;
            }

            if (artifact is null)
            {
                isMissing = true;
                continue;
            }

            wanted.Add(new WantedRevision
            {
                Digest = artifact.Digest.ToString(),
                SourceUri = entry.BundleSourceUri,
                WeightBps = weights[index],
                Path = entry.BundlePath,
                PackList = artifact.PackList,
                DrainSeconds = entry.DrainSeconds,
                AbortMetrics = entry.AbortMetrics ?? [],
            });
        }

        return isMissing ? (ImmutableArray<WantedRevision>?)null : wanted.ToImmutable();
    }

    /// <summary>True when the split routes exactly these revisions with these shares, and each can serve.</summary>
    public static bool IsSame(PlanDraft draft, TrafficSplit split, ImmutableArray<WantedRevision> wanted)
    {
        var present = new List<(string, string, uint)>();
        foreach (var entry in split.Entries)
        {
            if (!Find.Revision(draft.Before, entry.RevisionId).TryGet(out var revision, out _) || !CanServe(draft, revision))
            {
                return false;
            }

            present.Add((revision.BundleDigest, revision.BundleSourceUri ?? string.Empty, entry.WeightBps));
        }

        return present.Order().SequenceEqual(wanted.Select(each => (each.Digest, each.SourceUri ?? string.Empty, each.WeightBps)).Order());
    }

    /// <summary>
    /// Adds the dial, and what must be staged for it. A revision that is ready and has the same bytes from the same place is routed again, so that
    /// a change of weights or a way back stages nothing.
    /// </summary>
    public static DeployWork Route(PlanDraft draft, DeployWork work, TrafficSplit? split, ImmutableArray<WantedRevision> wanted, string key)
    {
        var routed = split?.Entries.Select(entry => entry.RevisionId).ToHashSet() ?? [];
        var free = draft.Before.Revisions
            .Where(revision => revision.DeploymentId == work.DeploymentId && CanServe(draft, revision))
            .OrderByDescending(revision => routed.Contains(revision.RevisionId))
            .ThenByDescending(revision => revision.Sequence)
            .ToList();
        var stages = ImmutableArray.CreateBuilder<StageRevision>();
        var paths = ImmutableDictionary.CreateBuilder<RevisionId, string>();
        var entries = ImmutableArray.CreateBuilder<TrafficShare>();
        foreach (var each in wanted)
        {
            var same = free.Find(revision => revision.BundleDigest == each.Digest && revision.BundleSourceUri == each.SourceUri);
            var id = same?.RevisionId ?? new RevisionId(draft.Mint());
            entries.Add(new TrafficShare { RevisionId = id, WeightBps = each.WeightBps });
            if (same is not null)
            {
                free.Remove(same);
                continue;
            }

            stages.Add(each.Stage(id, work.DeploymentId));
            if (each.Path is not null)
            {
                paths.Add(id, each.Path);
            }
        }

        return work with
        {
            Stages = stages.ToImmutable(),
            Paths = paths.ToImmutable(),
            Traffic = new SetTraffic
            {
                DeploymentId = work.DeploymentId,
                Entries = entries.ToImmutable(),
                UpdatedBy = draft.Facts.UpdatedBy,

                // The same wish after a repair or a drain means other revisions: then the key of the first time must not be taken for a replay.
                IdempotencyKey = split?.IdempotencyKey == key ? $"{key}-{split.Generation}" : key,
            },
        };
    }

    private static bool CanServe(PlanDraft draft, Revision revision) =>
        revision.Lifecycle == RevisionLifecycle.Ready && Sha256Digest.TryParse(revision.BundleDigest, out _) && !draft.Facts.StaleRevisions.Contains(revision.RevisionId);

    private static Outcome<ResolvedArtifact?> Resolve(PlanDraft draft, ManifestRevision entry, string key, string at)
    {
        var pinned = Sha256Digest.TryParse(entry.BundleDigest, out var digest);
        if (entry.BundlePath is null && pinned)
        {
            return new ResolvedArtifact(digest, []);
        }

        if (!draft.Facts.Artifacts.TryGetValue(entry.BundlePath ?? entry.BundleSourceUri!, out var artifact))
        {
            draft.Lacks("bundle_artifact", key, entry.BundlePath is { } path ? $"path:{path}" : $"uri:{entry.BundleSourceUri}");
            return (ResolvedArtifact?)null;
        }

        return !pinned || artifact.Digest == digest ? artifact : new Refusal.Conflict($"{at}.bundle_digest: the bundle is not the one that is pinned")
        {
            Details = [new("expected", digest.ToString()), new("found", artifact.Digest.ToString())],
        };
    }

    private StageRevision Stage(RevisionId id, DeploymentId deployment)
    {
        var stage = new StageRevision
        {
            RevisionId = id,
            DeploymentId = deployment,
            BundleDigest = Digest,
            BundleSourceUri = SourceUri,
            PackList = PackList,
            PackListLockRef = $"revisions/{id}/pack-list.lock",
            SignatureSidecarRef = $"revisions/{id}/rev.sig",
            AbortMetrics = AbortMetrics,
        };
        return DrainSeconds is { } seconds ? stage with { DrainSeconds = seconds } : stage;
    }
}
