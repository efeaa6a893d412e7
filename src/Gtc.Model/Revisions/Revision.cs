using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>A frozen snapshot of one version of a bundle (environment-model.md §2.4).</summary>
public sealed record Revision : KeepsUnknownMembers
{
    /// <summary>The digest of a revision whose bundle nobody has seen.</summary>
    public const string PlaceholderDigest = "sha256:00";

    /// <summary>Always <see cref="Schemas.Revision"/>.</summary>
    public required string Schema { get; init; }

    /// <summary>The id.</summary>
    public required RevisionId RevisionId { get; init; }

    /// <summary>The environment it belongs to.</summary>
    public required EnvId EnvId { get; init; }

    /// <summary>The bundle, copied from the deployment.</summary>
    public required string BundleId { get; init; }

    /// <summary>The deployment it belongs to.</summary>
    public required DeploymentId DeploymentId { get; init; }

    /// <summary>Counts the revisions of a deployment, from 1.</summary>
    public required ulong Sequence { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The pinned SHA-256 of the bundle's bytes, <c>sha256:&lt;hex&gt;</c>, or <see cref="PlaceholderDigest"/>.</summary>
    public required string BundleDigest { get; init; }

    /// <summary>Where a worker pulls the bundle from; null means that only this host has it.</summary>
    public string? BundleSourceUri { get; init; }

    /// <summary>The pinned packs; empty until a worker has seen the bundle when it was declared by URI and digest.</summary>
    public required ImmutableArray<PackListEntry> PackList { get; init; }

    /// <summary>The pack list's lock file, relative to the environment's folder.</summary>
    public required string PackListLockRef { get; init; }

    /// <summary>The pack configurations, relative to the environment's folder.</summary>
    public ImmutableArray<string> PackConfigRefs { get => field.IsDefault ? [] : field; init; }

    /// <summary>The digest over the pack configurations.</summary>
    public required string ConfigDigest { get; init; }

    /// <summary>The signature envelope, relative to the environment's folder.</summary>
    public required string SignatureSidecarRef { get; init; }

    /// <summary>Where in its life it is.</summary>
    public required RevisionLifecycle Lifecycle { get; init; }

    /// <summary>When it was staged, or null.</summary>
    public DateTimeOffset? StagedAt { get; init; }

    /// <summary>When it last became ready, or null.</summary>
    public DateTimeOffset? WarmedAt { get; init; }

    /// <summary>Seconds that running requests get when it drains.</summary>
    public uint DrainSeconds { get; init; }

    /// <summary>Reserved.</summary>
    public ImmutableArray<string> AbortMetrics { get => field.IsDefault ? [] : field; init; }
}

/// <summary>One pinned pack.</summary>
public sealed record PackListEntry : KeepsUnknownMembers
{
    /// <summary>The version of an entry that comes from a lock file, which knows none.</summary>
    public const string UnknownVersion = "0.0.0";

    /// <summary>The file's stem.</summary>
    public required string PackId { get; init; }

    /// <summary>A SemVer version, or <see cref="UnknownVersion"/>.</summary>
    public required string Version { get; init; }

    /// <summary><c>sha256:&lt;hex&gt;</c> of the pack file.</summary>
    public required string Digest { get; init; }

    /// <summary>Where the pack alone can be had, or null.</summary>
    public string? SourceUri { get; init; }
}
