using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gtc.Artifacts.Oci;

/// <summary>An image manifest, an artifact manifest or an index; which of them decides its lists.</summary>
internal sealed record OciManifest
{
    public ImmutableArray<OciDescriptor> Layers { get => field.IsDefault ? [] : field; init; }

    /// <summary>What the artifact manifest calls its layers.</summary>
    public ImmutableArray<OciDescriptor> Blobs { get => field.IsDefault ? [] : field; init; }

    /// <summary>Present in an index only.</summary>
    public ImmutableArray<OciDescriptor>? Manifests { get; init; }
}

/// <summary>What a manifest says about one blob or one further manifest.</summary>
internal sealed record OciDescriptor(string MediaType, string Digest, long Size)
{
    public OciPlatform? Platform { get; init; }
}

/// <summary>The platform of an index entry, in Go's names.</summary>
internal sealed record OciPlatform
{
    public string? Os { get; init; }

    public string? Architecture { get; init; }
}

/// <summary>A token service's answer; one of the two is set.</summary>
internal sealed record TokenAnswer
{
    public string? Token { get; init; }

    [JsonPropertyName("access_token")]
    public string? AccessToken { get; init; }
}

/// <summary>A registry's error answer.</summary>
internal sealed record RegistryAnswer
{
    public ImmutableArray<RegistryError?> Errors { get; init; }
}

/// <summary>One error of it.</summary>
internal sealed record RegistryError
{
    public string? Code { get; init; }
}

/// <summary>Documents of registries. They grow members of their own, so unknown ones are no error.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = 32)]
[JsonSerializable(typeof(OciManifest))]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(RegistryAnswer))]
internal sealed partial class OciJson : JsonSerializerContext;
