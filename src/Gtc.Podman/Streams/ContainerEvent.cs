namespace Gtc.Podman;

/// <summary>Something that happened to a container.</summary>
/// <param name="Action">Such as <c>create</c>, <c>start</c>, <c>died</c>, <c>cleanup</c>, <c>remove</c> or <c>health_status</c>.</param>
/// <param name="Container">The container's name.</param>
/// <param name="ExitCode">How its program ended, when it ended.</param>
/// <param name="TimeNanos">When, in nanoseconds since 1970 by the host's clock.</param>
public sealed record ContainerEvent(string Action, string Container, int ExitCode, long TimeNanos);

/// <summary>A line of the stream of events.</summary>
internal sealed record EventLine(
    [property: System.Text.Json.Serialization.JsonPropertyName("Action")] string? Action,
    [property: System.Text.Json.Serialization.JsonPropertyName("Actor")] EventActor? Actor,
    [property: System.Text.Json.Serialization.JsonPropertyName("timeNano")] long TimeNano);

internal sealed record EventActor([property: System.Text.Json.Serialization.JsonPropertyName("Attributes")] Dictionary<string, string>? Attributes);
