using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Gtc.Model;

namespace Gtc.Cli.Op.Revisions;

/// <summary>What <c>revisions stage</c> takes (op-cli.md §11).</summary>
internal sealed record StagePayload
{
    /// <summary>Seconds that running requests get when none are named.</summary>
    public const uint DefaultDrainSeconds = 30;

    public string? EnvironmentId { get; init; }

    public string? DeploymentId { get; init; }

    public string? RevisionId { get; init; }

    public string? BundlePath { get; init; }

    public string? BundleDigest { get; init; }

    public string? BundleSourceUri { get; init; }

    public ImmutableArray<PackPayload> PackList { get => field.IsDefault ? [] : field; init; }

    public string? PackListLockRef { get; init; }

    public string? ConfigDigest { get; init; }

    public string? SignatureSidecarRef { get; init; }

    public uint? DrainSeconds { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>One pinned pack of a declared revision.</summary>
internal sealed record PackPayload
{
    public required string PackId { get; init; }

    public required string Version { get; init; }

    public required string Digest { get; init; }

    public string? SourceUri { get; init; }
}

/// <summary>What <c>revisions warm</c> takes.</summary>
internal sealed record WarmPayload
{
    /// <summary>Whether the cluster follows at once.</summary>
    public bool Reconcile { get; init; }

    public string? EnvironmentId { get; init; }

    public string? RevisionId { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>What <c>revisions drain</c> and <c>retry</c> take.</summary>
internal sealed record RevisionPayload
{
    /// <summary>Whether the cluster follows at once.</summary>
    public bool Reconcile { get; init; }

    public string? EnvironmentId { get; init; }

    public required string RevisionId { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>What <c>revisions archive</c> takes.</summary>
internal sealed record ArchivePayload
{
    /// <summary>Whether the cluster follows at once.</summary>
    public bool Reconcile { get; init; }

    public string? EnvironmentId { get; init; }

    public required string RevisionId { get; init; }

    public bool Force { get; init; }

    public string? UpdatedBy { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>What <c>revisions gc</c> takes.</summary>
internal sealed record CollectPayload
{
    public string? EnvironmentId { get; init; }

    public uint? Keep { get; init; }

    public bool DryRun { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>What <c>revisions gc</c> answers.</summary>
internal sealed record CollectedRevisions
{
    public required string EnvironmentId { get; init; }

    /// <summary>How many archived revisions of a deployment were kept; null when all were.</summary>
    public required uint? Keep { get; init; }

    public required bool DryRun { get; init; }

    /// <summary>The revisions that left the document.</summary>
    public required IReadOnlyList<string> RemovedRevisionIds { get; init; }

    /// <summary>The revisions whose folders were deleted: the removed ones, and those of which only the folder was left.</summary>
    public required IReadOnlyList<string> DeletedFolders { get; init; }

    public required long FreedBytes { get; init; }
}

/// <summary>One revision in answers (op-cli.md §11); the members after <c>lifecycle</c> are gtc's own.</summary>
internal sealed record RevisionSummary
{
    public required string RevisionId { get; init; }

    public required string DeploymentId { get; init; }

    public required string BundleId { get; init; }

    public required ulong Sequence { get; init; }

    public required RevisionLifecycle Lifecycle { get; init; }

    public required string BundleDigest { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? BundleSourceUri { get; init; }

    /// <summary><c>computed</c> from the bundle's bytes while staging, or <c>declared</c> and not checked here.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DigestOrigin { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Warnings { get; init; }

    /// <summary>The summary of a revision.</summary>
    public static RevisionSummary Of(Revision revision) => new()
    {
        RevisionId = revision.RevisionId.ToString(),
        DeploymentId = revision.DeploymentId.ToString(),
        BundleId = revision.BundleId,
        Sequence = revision.Sequence,
        Lifecycle = revision.Lifecycle,
        BundleDigest = revision.BundleDigest,
        BundleSourceUri = revision.BundleSourceUri,
    };
}

/// <summary>What <c>revisions list</c> answers.</summary>
internal sealed record RevisionList(string EnvironmentId, IReadOnlyList<RevisionSummary> Revisions);
