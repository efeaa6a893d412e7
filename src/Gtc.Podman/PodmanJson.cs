using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gtc.Podman;

/// <summary>The JSON of requests: members as SpecGenerator names them.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ContainerSpec))]
[JsonSerializable(typeof(ImmutableArray<ContainerSummary>))]
internal sealed partial class PodmanSpecJson : JsonSerializerContext;

/// <summary>The JSON of answers: camelCase where it does not say otherwise.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(HostBody))]
[JsonSerializable(typeof(CreatedContainer))]
[JsonSerializable(typeof(ContainerDetails))]
[JsonSerializable(typeof(EventLine))]
[JsonSerializable(typeof(ImageDetails))]
[JsonSerializable(typeof(PullLine))]
[JsonSerializable(typeof(LoadedImages))]
[JsonSerializable(typeof(ImportedImage))]
[JsonSerializable(typeof(LoginBody))]
[JsonSerializable(typeof(VolumeBody))]
[JsonSerializable(typeof(Dictionary<string, string[]>))]
internal sealed partial class PodmanJson : JsonSerializerContext;

/// <summary>A line of a pull.</summary>
internal sealed record PullLine(string? Stream, string? Error, string? Id);

internal sealed record LoadedImages([property: JsonPropertyName("Names")] ImmutableArray<string>? Names);

internal sealed record ImportedImage([property: JsonPropertyName("Id")] string? Id);

internal sealed record LoginBody(string Username, string Password);

internal sealed record VolumeBody([property: JsonPropertyName("Name")] string Name);
