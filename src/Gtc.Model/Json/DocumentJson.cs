using System.Text.Json.Serialization;

namespace Gtc.Model;

/// <summary>The shape of environment documents: snake_case, optional members left out, duplicate members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    MaxDepth = 64,
    WriteIndented = true,
    IndentSize = 2,
    Converters = [typeof(Rfc3339Json)])]
[JsonSerializable(typeof(EnvironmentDocument))]
[JsonSerializable(typeof(EnvironmentRuntime))]
[JsonSerializable(typeof(RuntimeConfig))]
[JsonSerializable(typeof(UpdateChannelConfig))]
[JsonSerializable(typeof(AuditEvent))]
[JsonSerializable(typeof(UsageRow))]
internal sealed partial class DocumentJson : JsonSerializerContext;
