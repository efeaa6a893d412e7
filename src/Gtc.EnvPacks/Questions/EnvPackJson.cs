using System.Text.Json.Serialization;

namespace Gtc.EnvPacks;

/// <summary>The documents of env-packs: snake_case, unknown and repeated members refused, optional ones left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    MaxDepth = 32)]
[JsonSerializable(typeof(QuestionForm))]
[JsonSerializable(typeof(PackManifest))]
[JsonSerializable(typeof(PackHello))]
[JsonSerializable(typeof(PackRequirements))]
internal sealed partial class EnvPackJson : JsonSerializerContext;
