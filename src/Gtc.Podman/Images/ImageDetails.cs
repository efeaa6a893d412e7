using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gtc.Podman;

/// <summary>An image as it is inspected.</summary>
public sealed record ImageDetails
{
    /// <summary>Its id, 64 hex digits: the digest of its configuration.</summary>
    [JsonPropertyName("Id")]
    public required string Id { get; init; }

    /// <summary>Its names with a tag; none when it was pulled by its digest, or when every name was given to another image.</summary>
    [JsonPropertyName("RepoTags")]
    public ImmutableArray<string>? Tags { get; init; }
}
