using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gtc.Podman;

/// <summary>A container as a list shows it.</summary>
public sealed record ContainerSummary
{
    /// <summary>Its id, 64 hex digits; a new one for every container that is made.</summary>
    [JsonPropertyName("Id")]
    public required string Id { get; init; }

    /// <summary>Its names; usually one.</summary>
    [JsonPropertyName("Names")]
    public ImmutableArray<string>? Names { get; init; }

    /// <summary>Such as <c>created</c>, <c>running</c>, <c>paused</c>, <c>exited</c> or <c>stopping</c>.</summary>
    [JsonPropertyName("State")]
    public string State { get; init; } = "";

    /// <summary>Its labels.</summary>
    [JsonPropertyName("Labels")]
    public ImmutableSortedDictionary<string, string>? Labels { get; init; }

    /// <summary>The reference that it was made of.</summary>
    [JsonPropertyName("Image")]
    public string Image { get; init; } = "";

    /// <summary>The id of the image.</summary>
    [JsonPropertyName("ImageID")]
    public string ImageId { get; init; } = "";

    /// <summary>How its program ended; 0 while it runs.</summary>
    [JsonPropertyName("ExitCode")]
    public int ExitCode { get; init; }

    /// <summary>Ports of the host that lead into it.</summary>
    [JsonPropertyName("Ports")]
    public ImmutableArray<PortMapping>? Ports { get; init; }

    /// <summary>The first name, or the id.</summary>
    [JsonIgnore]
    public string Name => Names is { Length: > 0 } names ? names[0] : Id;

    /// <summary>True while its program runs.</summary>
    [JsonIgnore]
    public bool IsRunning => State == "running";
}
