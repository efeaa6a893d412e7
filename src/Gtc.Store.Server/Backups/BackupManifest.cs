using System.Collections.Immutable;

namespace Gtc.Store.Server;

/// <summary>What is known of a backup of one environment (store-server.md §8).</summary>
public sealed record BackupManifest
{
    /// <summary>The value of <see cref="Schema"/>.</summary>
    public const string SchemaId = "greentic.backup-manifest.v1";

    /// <summary>Always <see cref="SchemaId"/>.</summary>
    public required string Schema { get; init; }

    /// <summary>A ULID.</summary>
    public required string BackupId { get; init; }

    /// <summary>The environment.</summary>
    public required string EnvId { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The generation that was backed up.</summary>
    public required ulong Generation { get; init; }

    /// <summary>The digest of the environment's document, which is its entity tag.</summary>
    public required BackupIntegrity Integrity { get; init; }

    /// <summary>The length of what is kept, compressed.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>SHA-256 over what is kept: the document and what lies beside it.</summary>
    public required string SnapshotDigest { get; init; }

    /// <summary>How many audit lines belong to it. They are not copied: the log itself has them, and <see cref="AuditHead"/> proves that they are the same.</summary>
    public required long AuditLines { get; init; }

    /// <summary>The hash of the last of those lines; null without one.</summary>
    public string? AuditHead { get; init; }
}

/// <summary>A digest and how it is made.</summary>
/// <param name="Algorithm">Always <c>sha-256</c>.</param>
/// <param name="Digest">Lower-case hex.</param>
public sealed record BackupIntegrity(string Algorithm, string Digest);

/// <summary>The list of an environment's backups, oldest first.</summary>
/// <param name="Backups">The backups.</param>
internal sealed record BackupIndex(ImmutableArray<BackupManifest> Backups);
