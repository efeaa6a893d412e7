using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Cli.Op.Credentials;

/// <summary>The payload of <c>credentials requirements</c>.</summary>
internal sealed record RequirementsPayload
{
    public string? EnvironmentId { get; init; }

    public bool ListOnly { get; init; }

    public bool Ambient { get; init; }
}

/// <summary>The payload of <c>credentials bootstrap</c>.</summary>
internal sealed record BootstrapPayload
{
    public string? EnvironmentId { get; init; }

    public required string AdminProfile { get; init; }

    public string? AdminMaterialPath { get; init; }

    public string? AdminMaterialInline { get; init; }

    public uint? TokenTtlSecs { get; init; }

    public bool Bind { get; init; }

    public string? IdempotencyKey { get; init; }

    /// <summary>Never the material.</summary>
    public override string ToString() => AdminProfile;
}

/// <summary>The payload of <c>credentials rotate</c>.</summary>
internal sealed record RotateCredentialsPayload
{
    public string? EnvironmentId { get; init; }

    public required string AdminProfile { get; init; }

    public string? AdminMaterialPath { get; init; }

    public string? AdminMaterialInline { get; init; }

    public uint? TokenTtlSecs { get; init; }

    public bool IfNeeded { get; init; }

    public string? IdempotencyKey { get; init; }

    /// <summary>Never the material.</summary>
    public override string ToString() => AdminProfile;
}

/// <summary>The payload of <c>credentials bind</c>.</summary>
internal sealed record BindCredentialsPayload
{
    public string? EnvironmentId { get; init; }

    public string? CredentialsRef { get; init; }

    public string? ValueFromEnv { get; init; }

    public string? ValueFromFile { get; init; }

    public bool Replace { get; init; }

    public bool Force { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>The payload of <c>credentials unbind</c>.</summary>
internal sealed record UnbindCredentialsPayload
{
    public string? EnvironmentId { get; init; }

    public bool DeleteIdentity { get; init; }

    public string? AdminProfile { get; init; }

    public string? AdminMaterialPath { get; init; }

    public string? AdminMaterialInline { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>What <c>credentials requirements</c> and <c>bind</c> answer (credentials.md §4).</summary>
internal sealed record RequirementsReport
{
    public required string EnvironmentId { get; init; }

    public required string DeployerKind { get; init; }

    public required string? CredentialsRef { get; init; }

    public required string Mode { get; init; }

    public required string Result { get; init; }

    public required ImmutableArray<string> MissingCapabilities { get; init; }

    public required ImmutableArray<CapabilityCheck> Checks { get; init; }

    /// <summary>What is allowed and never needed.</summary>
    public required ImmutableArray<string> ExcessPermissions { get; init; }

    public required DateTimeOffset LastRunAt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? ExpiresAt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? RotateAt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Warnings { get; init; }
}

/// <summary>What <c>credentials bootstrap</c> answers (credentials.md §5).</summary>
internal sealed record BootstrapReport
{
    public required string EnvironmentId { get; init; }

    public required string DeployerKind { get; init; }

    public required string Mode { get; init; }

    public required bool Bound { get; init; }

    public required string CredentialsRef { get; init; }

    public required DateTimeOffset? ExpiresAt { get; init; }

    public required string RulesPackRef { get; init; }

    public required DateTimeOffset AdminCredentialConsumedAt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Warnings { get; init; }
}

/// <summary>What <c>credentials rotate</c> answers (credentials.md §7).</summary>
internal sealed record RotationReport(string EnvironmentId, bool Rotated)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    public required string CredentialsRef { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? ExpiresAt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? RotateAt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Warnings { get; init; }
}

/// <summary>What <c>credentials unbind</c> answers.</summary>
internal sealed record CredentialsUnbound(string EnvironmentId, string? CredentialsRef, bool MaterialDeleted)
{
    /// <summary>Whether the platform has the identity no more; only true where that was asked for.</summary>
    public bool IdentityDeleted { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Warnings { get; init; }
}

/// <summary>The payloads and results of <c>gtc op credentials</c>: snake_case, unknown and repeated members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(Rfc3339Json)])]
[JsonSerializable(typeof(RequirementsPayload))]
[JsonSerializable(typeof(BootstrapPayload))]
[JsonSerializable(typeof(BindCredentialsPayload))]
[JsonSerializable(typeof(RotateCredentialsPayload))]
[JsonSerializable(typeof(RotationReport))]
[JsonSerializable(typeof(UnbindCredentialsPayload))]
[JsonSerializable(typeof(RequirementsReport))]
[JsonSerializable(typeof(BootstrapReport))]
[JsonSerializable(typeof(CredentialsUnbound))]
internal sealed partial class CredentialsJson : JsonSerializerContext;
