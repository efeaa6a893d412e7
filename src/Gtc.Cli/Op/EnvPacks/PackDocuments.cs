using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Gtc.Model;

namespace Gtc.Cli.Op.EnvPacks;

/// <summary>The payload of <c>env-packs add</c> and <c>update</c>.</summary>
internal sealed record BindPackPayload
{
    public string? EnvironmentId { get; init; }

    public required string Slot { get; init; }

    public required string Kind { get; init; }

    public required string PackRef { get; init; }

    public string? AnswersRef { get; init; }

    public JsonElement? Answers { get; init; }

    public bool AllowUnknown { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>The payload of <c>env-packs rollback</c> and <c>remove</c>.</summary>
internal sealed record SlotPayload
{
    public string? EnvironmentId { get; init; }

    public required string Slot { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>The payload of <c>env-packs describe</c>.</summary>
internal sealed record DescribePayload
{
    public string? Kind { get; init; }

    public string? EnvironmentId { get; init; }
}

/// <summary>The payload of <c>env-packs wizard</c>.</summary>
internal sealed record WizardPayload
{
    public required string Kind { get; init; }

    public string? EnvironmentId { get; init; }

    public string? EmitAnswers { get; init; }
}

/// <summary>The payload of <c>env-packs sign</c>.</summary>
internal sealed record FolderPayload
{
    public required string Folder { get; init; }
}

/// <summary>The payload of <c>env-packs install</c>.</summary>
internal sealed record InstallPayload
{
    public required string Folder { get; init; }

    public string? EnvironmentId { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>The payload of <c>env-packs call</c>.</summary>
internal sealed record CallPayload
{
    public required string Kind { get; init; }

    public required string Method { get; init; }

    public string? EnvironmentId { get; init; }
}

/// <summary>A binding after a change (op-cli.md §13).</summary>
internal record PackSummary
{
    public required string EnvironmentId { get; init; }

    public required string Slot { get; init; }

    public required string Kind { get; init; }

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
    public static PackSummary Of(EnvId environment, EnvPackBinding binding) => new()
    {
        EnvironmentId = environment.ToString(),
        Slot = PackVerbs.Text(binding.Slot),
        Kind = binding.Kind.ToString(),
        PackRef = binding.PackRef,
        Generation = binding.Generation,
        HasPrevious = binding.PreviousBindingRef is not null,
        AnswersRef = binding.AnswersRef,
        AnswersDigest = binding.AnswersDigest?.ToString(),
    };
}

/// <summary>What <c>env-packs list</c> answers.</summary>
internal sealed record PackList(string EnvironmentId, IReadOnlyList<PackSummary> Bindings);

/// <summary>What <c>env-packs describe</c> answers.</summary>
internal sealed record PackDescriptions(IReadOnlyList<PackDescription> Kinds);

/// <summary>One env-pack that could be bound.</summary>
internal sealed record PackDescription
{
    public required string Kind { get; init; }

    public required string Slot { get; init; }

    public required string Supported { get; init; }

    /// <summary><c>builtin</c>, or the folder of an installed pack.</summary>
    public required string Source { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Description { get; init; }

    public required ImmutableArray<string> Questions { get; init; }

    public required ImmutableArray<string> Capabilities { get; init; }
}

/// <summary>What <c>env-packs wizard</c> answers.</summary>
internal sealed record PackWizard
{
    public required string Kind { get; init; }

    public required JsonObject Form { get; init; }

    public required JsonObject AnswersSchema { get; init; }

    public required JsonObject AnswersTemplate { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AnswersFile { get; init; }
}

/// <summary>What <c>env-packs sign</c> answers.</summary>
internal sealed record PackSigned(string Kind, string Folder, string KeyId, int FileCount);

/// <summary>What <c>env-packs install</c> answers.</summary>
internal sealed record PackInstalled(string Kind, string Folder, IReadOnlyList<string> SignedBy, bool Changed);

/// <summary>What <c>env-packs call</c> answers.</summary>
internal sealed record PackCalled(string Kind, string Method, JsonElement Result, string Log);

/// <summary>The payloads and results of <c>gtc op env-packs</c>: snake_case, unknown and repeated members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(EnvironmentPayload))]
[JsonSerializable(typeof(BindPackPayload))]
[JsonSerializable(typeof(SlotPayload))]
[JsonSerializable(typeof(DescribePayload))]
[JsonSerializable(typeof(WizardPayload))]
[JsonSerializable(typeof(FolderPayload))]
[JsonSerializable(typeof(InstallPayload))]
[JsonSerializable(typeof(CallPayload))]
[JsonSerializable(typeof(PackSummary))]
[JsonSerializable(typeof(PackList))]
[JsonSerializable(typeof(PackDescriptions))]
[JsonSerializable(typeof(PackWizard))]
[JsonSerializable(typeof(PackSigned))]
[JsonSerializable(typeof(PackInstalled))]
[JsonSerializable(typeof(PackCalled))]
internal sealed partial class PacksJson : JsonSerializerContext;
