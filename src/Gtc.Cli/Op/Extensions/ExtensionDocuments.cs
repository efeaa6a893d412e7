using System.Text.Json;
using System.Text.Json.Serialization;
using Gtc.Model;

namespace Gtc.Cli.Op.Extensions;

/// <summary>The payload of <c>extensions add</c> and <c>update</c>.</summary>
internal sealed record BindExtensionPayload
{
    public string? EnvironmentId { get; init; }

    public required string Kind { get; init; }

    public required string PackRef { get; init; }

    public string? InstanceId { get; init; }

    public string? AnswersRef { get; init; }

    public JsonElement? Answers { get; init; }

    public bool AllowUnknown { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>The payload of <c>extensions rollback</c> and <c>remove</c>.</summary>
internal sealed record ExtensionPayload
{
    public string? EnvironmentId { get; init; }

    public required string Kind { get; init; }

    public string? InstanceId { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>An extension after a change (op-cli.md §14).</summary>
internal sealed record ExtensionSummary
{
    public required string EnvironmentId { get; init; }

    public required string Kind { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? InstanceId { get; init; }

    public required string PackRef { get; init; }

    public required ulong Generation { get; init; }

    public required bool HasPrevious { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AnswersRef { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AnswersDigest { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Warnings { get; init; }

    /// <summary>The summary of a binding.</summary>
    public static ExtensionSummary Of(EnvId environment, ExtensionBinding binding) => new()
    {
        EnvironmentId = environment.ToString(),
        Kind = binding.Kind.ToString(),
        InstanceId = binding.InstanceId,
        PackRef = binding.PackRef,
        Generation = binding.Generation,
        HasPrevious = binding.PreviousBindingRef is not null,
        AnswersRef = binding.AnswersRef,
        AnswersDigest = binding.AnswersDigest?.ToString(),
    };
}

/// <summary>What <c>extensions list</c> answers.</summary>
internal sealed record ExtensionList(string EnvironmentId, IReadOnlyList<ExtensionSummary> Extensions);

/// <summary>The payloads and results of <c>gtc op extensions</c>: snake_case, unknown and repeated members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(EnvironmentPayload))]
[JsonSerializable(typeof(BindExtensionPayload))]
[JsonSerializable(typeof(ExtensionPayload))]
[JsonSerializable(typeof(ExtensionSummary))]
[JsonSerializable(typeof(ExtensionList))]
internal sealed partial class ExtensionsJson : JsonSerializerContext;
