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

    /// <summary>Stored with the revision; reserved.</summary>
    public ImmutableArray<string> AbortMetrics { get; init; } = [];
}
