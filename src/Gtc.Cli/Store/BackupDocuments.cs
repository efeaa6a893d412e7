using System.Collections.Immutable;

namespace Gtc.Cli.Store;

/// <summary>What every verb on backups takes to find one and to open it.</summary>
internal abstract record ArchivePayload
{
    public string? KeyFile { get; init; }

    public string? PassphraseFile { get; init; }

    public string? S3Endpoint { get; init; }

    public string? S3Region { get; init; }

    public string? S3Credentials { get; init; }

    public string? OperatorKey { get; init; }

    public string? Data { get; init; }

    public string? Database { get; init; }

    public string? DatabaseFile { get; init; }
}

/// <summary>What <c>store backup</c> takes.</summary>
internal sealed record BackupPayload : ArchivePayload
{
    public required string To { get; init; }
}

/// <summary>What <c>store backup</c> answers.</summary>
internal sealed record BackupResult(string BackupId, string Place, long Bytes, int Environments, string SignedBy, bool IsEncrypted);

/// <summary>What <c>store restore</c> takes.</summary>
internal sealed record RestorePayload : ArchivePayload
{
    public required string From { get; init; }

    public string? EnvironmentId { get; init; }

    public bool Replace { get; init; }

    public ImmutableArray<string> Trust { get => field.IsDefault ? [] : field; init; }
}

/// <summary>What <c>store restore</c> answers.</summary>
internal sealed record RestoreResult(string BackupId, string Place, ImmutableArray<RestoredRow> Environments);

/// <summary>One restored environment.</summary>
internal sealed record RestoredRow(string EnvironmentId, ulong BackupGeneration, ulong Generation);

/// <summary>What <c>store drill</c> takes.</summary>
internal sealed record DrillPayload : ArchivePayload
{
    public required string From { get; init; }

    public ImmutableArray<string> Trust { get => field.IsDefault ? [] : field; init; }

    public string? StoreUrl { get; init; }

    public string? StoreTokenFile { get; init; }
}

/// <summary>What <c>store drill</c> answers.</summary>
internal sealed record DrillResult(string BackupId, string Scratch, ImmutableArray<DrilledRow> Environments);

/// <summary>One environment of a drill.</summary>
internal sealed record DrilledRow(string EnvironmentId, ulong Generation, string? Live);

/// <summary>What <c>store check</c> takes.</summary>
internal sealed record CheckPayload
{
    public string? Data { get; init; }

    public string? Database { get; init; }

    public string? DatabaseFile { get; init; }

    public string? OperatorKey { get; init; }
}

/// <summary>What <c>store check</c> answers.</summary>
internal sealed record CheckResult(int Environments, long Sides, long AuditLines, long Policies)
{
    public long Documents { get; init; }

    public long Artifacts { get; init; }

    /// <summary>When a server last ended a pass over everything, or null.</summary>
    public DateTimeOffset? LastScrub { get; init; }

    /// <summary>How much of it was damaged.</summary>
    public int? LastScrubDamaged { get; init; }
}
