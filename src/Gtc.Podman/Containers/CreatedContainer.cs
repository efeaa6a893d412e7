using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gtc.Podman;

/// <summary>A container that was made.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Warnings">What podman left out or changed.</param>
public sealed record CreatedContainer(
    [property: JsonPropertyName("Id")] string Id,
    [property: JsonPropertyName("Warnings")] ImmutableArray<string>? Warnings);
