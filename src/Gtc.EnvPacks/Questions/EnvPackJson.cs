using System.Text.Json.Serialization;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>The documents of env-packs: snake_case, unknown and repeated members refused, optional ones left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    MaxDepth = 32,
    WriteIndented = true,
    Converters = [typeof(Rfc3339Json)])]
[JsonSerializable(typeof(QuestionForm))]
[JsonSerializable(typeof(PackManifest))]
[JsonSerializable(typeof(PackHello))]
[JsonSerializable(typeof(PackRequirements))]
[JsonSerializable(typeof(CredentialsDocument))]
[JsonSerializable(typeof(RulesIndex))]
internal sealed partial class EnvPackJson : JsonSerializerContext;
