using System.Text.Json.Serialization;

namespace Gtc.Cli.Distributors;

/// <summary>What <c>distributor serve</c> takes.</summary>
internal sealed record ServePayload
{
    /// <summary>Where it listens when nothing is said.</summary>
    public const string DefaultListen = "127.0.0.1:8090";

    public required string Folder { get; init; }

    public string? Listen { get; init; }
}

/// <summary>What <c>distributor serve</c> answers once it listens.</summary>
internal sealed record ServeResult(string Address, string Folder);

/// <summary>The payload and result of <c>gtc distributor</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ServePayload))]
[JsonSerializable(typeof(ServeResult))]
internal sealed partial class DistributorJson : JsonSerializerContext;
