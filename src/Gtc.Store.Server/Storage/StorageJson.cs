using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Store.Server;

/// <summary>What stands under a key.</summary>
/// <param name="Answer">The answer.</param>
/// <param name="Etag">The entity tag of the document after it.</param>
internal sealed record KeptAnswer(ChangeAnswer Answer, string Etag);

/// <summary>What is left of an environment that was removed.</summary>
/// <param name="Generation">Its last generation, which had no document.</param>
/// <param name="Key">The key of its removal.</param>
/// <param name="Fingerprint">What was asked under that key.</param>
/// <param name="Answer">What was answered.</param>
/// <param name="Audit">The audit line of its removal.</param>
internal sealed record Tombstone(ulong Generation, string? Key, string? Fingerprint, KeptAnswer Answer, JsonElement Audit);

/// <summary>The shape of what the storage keeps for itself.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = 128)]
[JsonSerializable(typeof(KeptAnswer))]
[JsonSerializable(typeof(Tombstone))]
[JsonSerializable(typeof(ScrubRecord))]
[JsonSerializable(typeof(ImmutableArray<string>))]
internal sealed partial class StorageJson : JsonSerializerContext;
