using System.Text.Json.Serialization;

namespace Gtc.Podman;

/// <summary>A container as it is inspected.</summary>
public sealed record ContainerDetails
{
    /// <summary>Its id.</summary>
    [JsonPropertyName("Id")]
    public required string Id { get; init; }

    /// <summary>Its name.</summary>
    [JsonPropertyName("Name")]
    public string Name { get; init; } = "";

    /// <summary>What it does.</summary>
    [JsonPropertyName("State")]
    public required ContainerState State { get; init; }

    /// <summary>How often podman restarted it.</summary>
    [JsonPropertyName("RestartCount")]
    public int RestartCount { get; init; }
}

/// <summary>What a container does.</summary>
public sealed record ContainerState
{
    /// <summary>Such as <c>running</c> or <c>exited</c>.</summary>
    [JsonPropertyName("Status")]
    public string Status { get; init; } = "";

    /// <summary>True while its program runs.</summary>
    [JsonPropertyName("Running")]
    public bool Running { get; init; }

    /// <summary>How its program ended.</summary>
    [JsonPropertyName("ExitCode")]
    public int ExitCode { get; init; }

    /// <summary>Why it could not be run, or empty.</summary>
    [JsonPropertyName("Error")]
    public string Error { get; init; } = "";

    /// <summary>When its program was started last.</summary>
    [JsonPropertyName("StartedAt")]
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>Its health, when it has a check.</summary>
    [JsonPropertyName("Health")]
    public ContainerHealth? Health { get; init; }
}

/// <summary>The health of a container.</summary>
public sealed record ContainerHealth
{
    /// <summary><c>healthy</c>, <c>unhealthy</c>, <c>starting</c>, or empty without a check.</summary>
    [JsonPropertyName("Status")]
    public string Status { get; init; } = "";
}
