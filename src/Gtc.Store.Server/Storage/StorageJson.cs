using System.Text.Json.Serialization;

namespace Gtc.Store.Server;

/// <summary>What stands under a key.</summary>
/// <param name="Answer">The answer.</param>
/// <param name="Etag">The entity tag of the document after it.</param>
internal sealed record KeptAnswer(ChangeAnswer Answer, string Etag);

/// <summary>The shape of what the storage keeps for itself.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = 128)]
[JsonSerializable(typeof(KeptAnswer))]
internal sealed partial class StorageJson : JsonSerializerContext;
