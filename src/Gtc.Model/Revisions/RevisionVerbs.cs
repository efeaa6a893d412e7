using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>What <c>revisions stage</c> asks for (environment-model.md §4.5).</summary>
public sealed record StageRevision
{
    /// <summary>The minted id.</summary>
    public required RevisionId RevisionId { get; init; }

    /// <summary>The deployment.</summary>
    public required DeploymentId DeploymentId { get; init; }

    /// <summary>The pinned digest of the bundle's bytes.</summary>
    public required string BundleDigest { get; init; }

    /// <summary>Where a worker pulls from, or null.</summary>
    public string? BundleSourceUri { get; init; }

    /// <summary>The pinned packs; empty when the bundle was declared by URI and digest.</summary>
    public ImmutableArray<PackListEntry> PackList { get; init; } = [];

    /// <summary>The lock file, relative to the environment's folder.</summary>
    public required string PackListLockRef { get; init; }

    /// <summary>The pack configurations, relative to the environment's folder.</summary>
    public ImmutableArray<string> PackConfigRefs { get; init; } = [];

    /// <summary>The digest over the pack configurations.</summary>
    public string ConfigDigest { get; init; } = Revision.PlaceholderDigest;

    /// <summary>The signature envelope, relative to the environment's folder.</summary>
    public string SignatureSidecarRef { get; init; } = "rev.sig";

    /// <summary>Seconds that running requests get when it drains.</summary>
    public uint DrainSeconds { get; init; } = 30;
}

/// <summary>What the health gate found before a revision may become ready (worker-runtime.md §7.1).</summary>
/// <param name="FailedChecks">Every check that failed, not only the first; empty when the gate passed.</param>
/// <param name="Message">The failures as one sentence, empty when the gate passed.</param>
public sealed record HealthGate(ImmutableArray<string> FailedChecks, string Message)
{
    /// <summary>A gate that passed.</summary>
    public static HealthGate Passed { get; } = new([], string.Empty);

    /// <summary>True when nothing failed.</summary>
    public bool IsPassed => FailedChecks.IsEmpty && Message.Length == 0;
}

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
            return new Refusal.Conflict($"revision {command.RevisionId} exists already");
        }

        var deployment = document.Bundles.FirstOrDefault(d => d.DeploymentId == command.DeploymentId);
        if (deployment is null)
        {
            return new Refusal.Missing($"deployment {command.DeploymentId} is not in environment `{document.EnvironmentId}`");
        }

        if (command.BundleSourceUri is not null && !Sha256Digest.TryParse(command.BundleDigest, out _))
        {
            return new Refusal.InvalidArgument($"bundle_digest `{command.BundleDigest}` must be sha256: and 64 hex digits: a worker that pulls has nothing else to trust");
        }

        var siblings = document.Revisions.Where(r => r.DeploymentId == deployment.DeploymentId).Select(r => r.Sequence);
        var staged = new Revision
        {
            Schema = Schemas.Revision,
            RevisionId = command.RevisionId,
            EnvId = document.EnvironmentId,
            BundleId = deployment.BundleId,
            DeploymentId = deployment.DeploymentId,
            Sequence = checked(siblings.DefaultIfEmpty(0ul).Max() + 1),
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
        };
        var changed = deployment with { CurrentRevisions = deployment.CurrentRevisions.Add(staged.RevisionId) };
        return (document with
        {
            Revisions = document.Revisions.Add(staged),
            Bundles = document.Bundles.Replace(deployment, changed),
        }, staged);
    }

    /// <summary>
    /// Takes a staged revision to ready. A revision that is ready already stays so and only gets a new <c>warmed_at</c>.
    /// When the gate failed the revision becomes <c>failed</c>: the document comes back to be saved, together with the refusal.
    /// </summary>
    public static Outcome<WarmedRevision> Warm(EnvironmentDocument document, RevisionId id, HealthGate gate, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(gate);
        var revision = document.Revisions.FirstOrDefault(r => r.RevisionId == id);
        if (revision is null)
        {
            return new Refusal.Missing($"revision {id} is not in environment `{document.EnvironmentId}`");
        }

        if (revision.Lifecycle is not (RevisionLifecycle.Warming or RevisionLifecycle.Ready) && !LifecycleTable.Allows(revision.Lifecycle, RevisionLifecycle.Warming))
        {
            return new Refusal.Conflict($"revision {id} is {Text(revision.Lifecycle)}; only a staged one can be warmed");
        }

        var starting = revision.Lifecycle;
        if (starting != RevisionLifecycle.Ready && !gate.IsPassed)
        {
            var failed = revision with { Lifecycle = RevisionLifecycle.Failed };
            return new WarmedRevision(Replace(document, revision, failed), failed, starting, new Refusal.Conflict(
                $"revision {id} did not pass its health gate ({string.Join(", ", gate.FailedChecks)}): {gate.Message}"));
        }

        var ready = revision with { Lifecycle = RevisionLifecycle.Ready, WarmedAt = now };
        return new WarmedRevision(Replace(document, revision, ready), ready, starting, null);
    }

    /// <summary>The wire text of a lifecycle.</summary>
    public static string Text(RevisionLifecycle lifecycle) => lifecycle.ToString().ToLowerInvariant();

    private static EnvironmentDocument Replace(EnvironmentDocument document, Revision old, Revision changed) =>
        document with { Revisions = document.Revisions.Replace(old, changed) };
}

/// <summary>How a warm ended.</summary>
/// <param name="Document">The document to save, in both cases.</param>
/// <param name="Revision">The revision after.</param>
/// <param name="StartingLifecycle">Where it was before.</param>
/// <param name="GateFailure">Why it failed although the change is saved, or null.</param>
public sealed record WarmedRevision(EnvironmentDocument Document, Revision Revision, RevisionLifecycle StartingLifecycle, Refusal? GateFailure);
