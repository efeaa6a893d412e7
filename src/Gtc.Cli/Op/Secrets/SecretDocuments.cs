using System.Text.Json.Serialization;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Secrets;

/// <summary>The payload of <c>secrets put</c>. It has no member for the value itself.</summary>
internal sealed record PutSecretPayload
{
    public string? EnvironmentId { get; init; }

    public required string Path { get; init; }

    public string? ValueFromEnv { get; init; }

    public string? ValueFromFile { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>The payload of <c>secrets rotate</c>.</summary>
internal sealed record RotateSecretPayload
{
    public string? EnvironmentId { get; init; }

    public required string Path { get; init; }

    public string? ValueFromEnv { get; init; }

    public string? ValueFromFile { get; init; }

    public GeneratePayload? Generate { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>How to make a random value.</summary>
internal sealed record GeneratePayload
{
    public uint? Length { get; init; }

    public string? Alphabet { get; init; }
}

/// <summary>The payload of <c>secrets get</c>.</summary>
internal sealed record GetSecretPayload
{
    public string? EnvironmentId { get; init; }

    public required string Path { get; init; }

    public bool Reveal { get; init; }

    public uint? Version { get; init; }
}

/// <summary>The payload of <c>secrets delete</c>.</summary>
internal sealed record DeleteSecretPayload
{
    public string? EnvironmentId { get; init; }

    public required string Path { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>Which secret, as every result about one says it (op-cli.md §17).</summary>
internal record SecretPlace
{
    public required string EnvironmentId { get; init; }

    public required string SecretRef { get; init; }

    public required string StoreUri { get; init; }

    public required string SecretsKind { get; init; }

    public required string StorePath { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Warnings { get; init; }
}

/// <summary>What <c>put</c> and <c>rotate</c> answer.</summary>
internal sealed record SecretWritten : SecretPlace
{
    public required bool Written { get; init; }

    public required uint Version { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public uint? PreviousVersion { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Generated { get; init; }
}

/// <summary>What <c>delete</c> answers.</summary>
internal sealed record SecretDeleted : SecretPlace
{
    public required bool Deleted { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public uint? Version { get; init; }
}

/// <summary>What <c>get</c> answers. The value is only there when it was asked for.</summary>
internal sealed record SecretGot : SecretPlace
{
    public required bool Present { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public uint? Version { get; init; }

    /// <summary><c>undecryptable</c> when there is a secret that the key at hand does not open.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Problem { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Value { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ValueBase64 { get; init; }

    /// <summary>Never the value.</summary>
    public override string ToString() => SecretRef;
}

/// <summary>One name of <c>secrets list</c>.</summary>
internal sealed record SecretName(string Path, string SecretRef, uint Version);

/// <summary>What <c>list</c> answers.</summary>
internal sealed record SecretList
{
    public required string EnvironmentId { get; init; }

    public required string SecretsKind { get; init; }

    public required string StorePath { get; init; }

    public required string Namespace { get; init; }

    /// <summary>What the store holds and what the environment's documents refer to, together.</summary>
    public required IReadOnlyList<string> KnownRefs { get; init; }

    public required IReadOnlyList<SecretName> Secrets { get; init; }

    public required DateTimeOffset SnapshotAt { get; init; }

    public required string Note { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Warnings { get; init; }
}

/// <summary>What <c>seal</c> answers.</summary>
internal sealed record SecretsSealed(string EnvironmentId, string SecretsKind, string StorePath, bool Changed);

/// <summary>The payloads and results of <c>gtc op secrets</c>: snake_case, unknown and repeated members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(Rfc3339Json)])]
[JsonSerializable(typeof(EnvironmentPayload))]
[JsonSerializable(typeof(PutSecretPayload))]
[JsonSerializable(typeof(RotateSecretPayload))]
[JsonSerializable(typeof(GetSecretPayload))]
[JsonSerializable(typeof(DeleteSecretPayload))]
[JsonSerializable(typeof(SecretWritten))]
[JsonSerializable(typeof(SecretDeleted))]
[JsonSerializable(typeof(SecretGot))]
[JsonSerializable(typeof(SecretList))]
[JsonSerializable(typeof(SecretsSealed))]
internal sealed partial class SecretsJson : JsonSerializerContext;
