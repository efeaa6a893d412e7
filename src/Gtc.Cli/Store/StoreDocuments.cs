using System.Text.Json.Serialization;

namespace Gtc.Cli.Store;

/// <summary>What <c>store serve</c> takes.</summary>
internal sealed record ServePayload
{
    /// <summary>Where it listens when nothing is said.</summary>
    public const string DefaultListen = "127.0.0.1:8787";

    /// <summary>How often everything is read when nothing is said.</summary>
    public const uint DefaultScrubHours = 24;

    /// <summary>Which share of the time that may take when nothing is said.</summary>
    public const uint DefaultScrubPercent = 5;

    public string? Listen { get; init; }

    public string? Data { get; init; }

    public string? Database { get; init; }

    public string? DatabaseFile { get; init; }

    public string? RbacTokens { get; init; }

    public string? TlsCert { get; init; }

    public string? TlsKey { get; init; }

    public string? ClientCa { get; init; }

    public string? ClientCrl { get; init; }

    public string? OperatorKey { get; init; }

    public uint? AuditMaxRowsPerEnv { get; init; }

    public ulong? HistoryMaxGenerationsPerEnv { get; init; }

    public uint? ScrubHours { get; init; }

    public uint? ScrubPercent { get; init; }

    public ulong? MaxArtifactsTotalBytes { get; init; }

    public uint? ArtifactKeepDays { get; init; }

    public ulong? MaxImportBytes { get; init; }

    public bool InsecureAllowNonLoopback { get; init; }

    public ulong? MaxArtifactBytes { get; init; }
}

/// <summary>What <c>store serve</c> answers once it listens.</summary>
internal sealed record ServeResult(string Address, string Data, string Access);

/// <summary>The payload and result of <c>gtc store</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ServePayload))]
[JsonSerializable(typeof(ServeResult))]
[JsonSerializable(typeof(BackupPayload))]
[JsonSerializable(typeof(BackupResult))]
[JsonSerializable(typeof(RestorePayload))]
[JsonSerializable(typeof(RestoreResult))]
[JsonSerializable(typeof(DrillPayload))]
[JsonSerializable(typeof(DrillResult))]
[JsonSerializable(typeof(ArtifactsPayload))]
[JsonSerializable(typeof(ArtifactsResult))]
[JsonSerializable(typeof(PrunePayload))]
[JsonSerializable(typeof(PruneResult))]
[JsonSerializable(typeof(CheckPayload))]
[JsonSerializable(typeof(CheckResult))]
internal sealed partial class StoreJson : JsonSerializerContext;
