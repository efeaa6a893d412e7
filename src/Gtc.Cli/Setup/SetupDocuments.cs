using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Cli.Setup;

/// <summary>What <c>gtc setup --answers</c> takes. It has no place for the value of a secret: only for the variable that holds it.</summary>
internal sealed record SetupAnswers
{
    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>The bundle file; a relative path starts at the folder of the answers.</summary>
    public string? Bundle { get; init; }

    /// <summary>Who is billed.</summary>
    public string? CustomerId { get; init; }

    /// <summary>The answers of env-packs by slot, each an object.</summary>
    public ImmutableSortedDictionary<string, JsonElement>? EnvPacks { get; init; }

    /// <summary>The answers of the bundle's packs by pack and question; a secret's is <c>{"from_env": "VAR"}</c>.</summary>
    public ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, JsonElement>>? Packs { get; init; }

    /// <summary>What a question of a pack was answered; null when it was not, which an empty text says too.</summary>
    public JsonElement? Find(string pack, string question) =>
        Packs is { } packs && packs.TryGetValue(pack, out var members) && members.TryGetValue(question, out var value)
        && value is not { ValueKind: JsonValueKind.Null } && !(value.ValueKind == JsonValueKind.String && value.GetString()!.Length == 0)
            ? value
            : null;
}

/// <summary>Where the value of a secret is.</summary>
/// <param name="FromEnv">The variable that holds it.</param>
internal sealed record SecretAnswer(string FromEnv);

/// <summary>The documents of <c>gtc setup</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    WriteIndented = true)]
[JsonSerializable(typeof(SetupAnswers))]
[JsonSerializable(typeof(SecretAnswer))]
internal sealed partial class SetupJson : JsonSerializerContext;
