using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>What a backup of a whole store holds (docs/reference/store-backup.md). It is signed; everything else is checked against it.</summary>
public sealed record ArchiveManifest
{
    /// <summary>The value of <see cref="Schema"/>.</summary>
    public const string SchemaId = "greentic.store-backup.v1";

    /// <summary>The most bytes.</summary>
    public const int MaxBytes = 64 << 20;

    /// <summary>Always <see cref="SchemaId"/>.</summary>
    public required string Schema { get; init; }

    /// <summary>A ULID.</summary>
    public required string BackupId { get; init; }

    /// <summary>When the backup was begun.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The environments in the order in which they lie in the file, which is that of their ids.</summary>
    public required ImmutableArray<ArchivedEnvironment> Environments { get; init; }

    /// <summary>The bytes that are signed.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, ArchiveJson.Default.ArchiveManifest);

    /// <summary>Reads a manifest.</summary>
    public static Outcome<ArchiveManifest> Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, ArchiveJson.Default.ArchiveManifest) is not { } manifest ? Malformed("it is null")
                : manifest.Schema != SchemaId ? Malformed($"schema must be {SchemaId}, found {manifest.Schema}")
                : manifest.Environments.Any(environment => environment is null || !EnvId.TryParse(environment.EnvironmentId, out _)) ? Malformed("an environment has no id")
                : manifest.Environments.Select(environment => environment.EnvironmentId).Distinct(StringComparer.Ordinal).Count() != manifest.Environments.Length ? Malformed("an environment is there twice")
                : manifest;
        }
        catch (JsonException error)
        {
            return Malformed(error.Message.TrimEnd('.'));
        }
    }

    private static Refusal.MalformedArtifact Malformed(string why) => new($"the backup's manifest cannot be read: {why}");
}

/// <summary>One environment of a backup, as it was at one committed generation.</summary>
public sealed record ArchivedEnvironment
{
    /// <summary>The environment.</summary>
    public required string EnvironmentId { get; init; }

    /// <summary>Its generation.</summary>
    public required ulong Generation { get; init; }

    /// <summary>The entity tag of its document at that generation.</summary>
    public required string Etag { get; init; }

    /// <summary>SHA-256 over what lies beside the document: names and contents.</summary>
    public required string SidesDigest { get; init; }

    /// <summary>How many lines of its audit log are in the backup.</summary>
    public required long AuditLines { get; init; }

    /// <summary>SHA-256 over those lines.</summary>
    public required string AuditDigest { get; init; }

    /// <summary>How many idempotency keys are in the backup.</summary>
    public required long Keys { get; init; }

    /// <summary>SHA-256 over the keys and what retries are answered.</summary>
    public required string KeysDigest { get; init; }

    /// <summary>The length of its image.</summary>
    public required long Bytes { get; init; }

    /// <summary>The SHA-256 of its image in lower-case hex.</summary>
    public required string Sha256 { get; init; }
}

/// <summary>The wire shape of manifests and of the head of an encrypted backup.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    MaxDepth = 8,
    Converters = [typeof(Rfc3339Json)])]
[JsonSerializable(typeof(ArchiveManifest))]
[JsonSerializable(typeof(SealHead))]
internal sealed partial class ArchiveJson : JsonSerializerContext;
