using System.Text.Json.Serialization;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>What a store server answers beside documents.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, Converters = [typeof(Rfc3339Json)])]
[JsonSerializable(typeof(GenerationEntry))]
[JsonSerializable(typeof(string))]
internal sealed partial class RemoteJson : JsonSerializerContext;
