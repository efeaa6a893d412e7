using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Model;

/// <summary>The shape of plan files: as strict as what people write.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    MaxDepth = 64)]
[JsonSerializable(typeof(PlanDocument))]
[JsonSerializable(typeof(Dictionary<string, JsonElement>))]
internal sealed partial class PlanJson : JsonSerializerContext;
