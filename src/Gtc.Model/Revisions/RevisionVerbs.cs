namespace Gtc.Model;

/// <summary>The verbs on revisions. Pure.</summary>
public static class RevisionVerbs
{
    /// <summary>Adds a staged revision with the deployment's next sequence number.</summary>
    public static Outcome<(EnvironmentDocument Document, Revision Staged)> Stage(EnvironmentDocument document, StageRevision command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(command);
        if (document.Revisions.Any(r => r.RevisionId == command.RevisionId))
        {
            return new Refusal.Conflict($"revision {command.RevisionId} exists already") { IsDuplicate = true };
        }

        if (!Find.Deployment(document, command.DeploymentId).TryGet(out var deployment, out var missing))
        {
            return missing;
        }

        if (command.BundleSourceUri is not null && !Sha256Digest.TryParse(command.BundleDigest, out _))
        {
            return new Refusal.InvalidArgument($"bundle_digest `{command.BundleDigest}` must be sha256: and 64 hex digits: a worker that pulls has nothing else to trust");
        }

        var siblings = document.Revisions.Where(r => r.DeploymentId == deployment.DeploymentId).Select(r => r.Sequence);
        if (!Generations.Next(siblings.DefaultIfEmpty(0ul).Max(), $"the revisions of deployment {deployment.DeploymentId}").TryGet(out var sequence, out var ended))
        {
            return ended;
        }

        var staged = new Revision
        {
            Schema = Schemas.Revision,
            RevisionId = command.RevisionId,
            EnvId = document.EnvironmentId,
            BundleId = deployment.BundleId,
            DeploymentId = deployment.DeploymentId,
            Sequence = sequence,
            CreatedAt = now,
            BundleDigest = command.BundleDigest,
            BundleSourceUri = command.BundleSourceUri,
            PackList = command.PackList,
            PackListLockRef = command.PackListLockRef,
            PackConfigRefs = command.PackConfigRefs,
            ConfigDigest = command.ConfigDigest,
            SignatureSidecarRef = command.SignatureSidecarRef,
            Lifecycle = RevisionLifecycle.Staged,
            StagedAt = now,
            DrainSeconds = command.DrainSeconds,
            AbortMetrics = command.AbortMetrics,
        };
        var changed = deployment with { CurrentRevisions = deployment.CurrentRevisions.Add(staged.RevisionId) };
        var after = document with
        {
            Revisions = document.Revisions.Add(staged),
            Bundles = document.Bundles.Replace(deployment, changed),
        };
        return Find.Sound(after, (after, staged));
    }

    /// <summary>
    /// Takes a staged revision to ready. A revision that is ready already stays so and only gets a new <c>warmed_at</c>.
    /// When the gate failed the revision becomes <c>failed</c>: the document comes back to be saved, together with the refusal.
    /// </summary>
    /// <param name="document">The document.</param>
    /// <param name="id">The revision.</param>
    /// <param name="gate">What the health gate found; not looked at when the revision is ready already.</param>
    /// <param name="now">The time.</param>
    /// <param name="expectedStart">The lifecycle that the caller saw; a revision in another one (ready excepted) is a conflict.</param>
    public static Outcome<WarmedRevision> Warm(EnvironmentDocument document, RevisionId id, HealthGate gate, DateTimeOffset now, RevisionLifecycle? expectedStart = null)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(gate);
        return RevisionWalk.Warm.Take(document, id, expectedStart).Then<WarmedRevision>(walked =>
        {
            if (walked.Edges > 0 && !gate.IsPassed)
            {
                var failed = walked.Revision with { Lifecycle = RevisionLifecycle.Failed };
                return new WarmedRevision(Replace(document, walked.Revision, failed), failed, walked.Revision.Lifecycle, new Refusal.Conflict(
                    $"revision {id} did not pass its health gate ({string.Join(", ", gate.FailedChecks)}): {gate.Message}"));
            }

            var ready = walked.Revision with { Lifecycle = RevisionLifecycle.Ready, WarmedAt = now };
            return new WarmedRevision(Replace(document, walked.Revision, ready), ready, walked.Revision.Lifecycle, null);
        });
    }

    /// <summary>Takes a ready revision out of admission: it finishes what it has. A draining one stays so.</summary>
    public static Outcome<WalkedRevision> Drain(EnvironmentDocument document, RevisionId id) => Walk(document, id, RevisionWalk.Drain);

    /// <summary>Ends the drain of a revision whose last request was answered: draining becomes inactive.</summary>
    public static Outcome<WalkedRevision> CompleteDrain(EnvironmentDocument document, RevisionId id) => Walk(document, id, RevisionWalk.CompleteDrain);

    /// <summary>Puts a failed revision back to staged, so that it can be warmed again.</summary>
    public static Outcome<WalkedRevision> Retry(EnvironmentDocument document, RevisionId id) => Walk(document, id, RevisionWalk.Retry);

    /// <summary>
    /// Ends a revision's life from wherever it is; a draining one is taken through inactive. Refused while a split names it, even with
    /// weight 0. The deployment no longer lists it among its current revisions, and its preview is closed.
    /// </summary>
    public static Outcome<WalkedRevision> Archive(EnvironmentDocument document, RevisionId id)
    {
        ArgumentNullException.ThrowIfNull(document);
        return RevisionWalk.Archive.Take(document, id, null).Then<WalkedRevision>(walked =>
        {
            if (document.TrafficSplits.Where(split => split.Entries.Any(entry => entry.RevisionId == id)).ToList() is { Count: > 0 } routing)
            {
                return StillRouted(id, routing);
            }

            var archived = walked.Revision with { Lifecycle = RevisionLifecycle.Archived };
            var after = Replace(document, walked.Revision, archived);
            after = after with
            {
                Bundles = [.. after.Bundles.Select(d => d.CurrentRevisions.Contains(id) ? PreviewVerbs.Without(d, id) with { CurrentRevisions = d.CurrentRevisions.Remove(id) } : d)],
            };
            return Find.Sound(after, new WalkedRevision(after, archived, walked.Revision.Lifecycle));
        });
    }

    /// <summary>The wire text of a lifecycle.</summary>
    public static string Text(RevisionLifecycle lifecycle) => lifecycle.ToString().ToLowerInvariant();

    private static EnvironmentDocument Replace(EnvironmentDocument document, Revision old, Revision changed) =>
        document with { Revisions = document.Revisions.Replace(old, changed) };

    private static Outcome<WalkedRevision> Walk(EnvironmentDocument document, RevisionId id, RevisionWalk walk)
    {
        ArgumentNullException.ThrowIfNull(document);
        return walk.Take(document, id, null).Then<WalkedRevision>(walked =>
        {
            var changed = walked.Revision with { Lifecycle = walk.Final };
            return new WalkedRevision(Replace(document, walked.Revision, changed), changed, walked.Revision.Lifecycle);
        });
    }

    private static Refusal.Conflict StillRouted(RevisionId id, List<TrafficSplit> routing) =>
        new($"revision {id} is named by a traffic split; it cannot be archived before the split leaves it out")
        {
            Details = [.. routing.Select(split => new RefusalDetail(
                $"deployment {split.DeploymentId}",
                $"bundle `{split.BundleId}`, {split.Entries.First(entry => entry.RevisionId == id).WeightBps} of {TrafficSplit.Whole} basis points"))],
            Next = $"gtc op traffic show {routing[0].EnvId} --deployment {routing[0].DeploymentId}",
        };
}
