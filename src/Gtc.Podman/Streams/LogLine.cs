namespace Gtc.Podman;

/// <summary>A line that a container wrote.</summary>
/// <param name="IsError">True for standard error, false for standard output.</param>
/// <param name="Time">When, or null when podman did not say.</param>
/// <param name="Text">The line without its end.</param>
public sealed record LogLine(bool IsError, DateTimeOffset? Time, string Text);

/// <summary>Which lines are asked for.</summary>
/// <param name="Tail">The last so many; all when null.</param>
/// <param name="Follow">True when the stream goes on with what is written from now on.</param>
/// <param name="Since">Lines from then on, or null.</param>
public sealed record LogQuery(int? Tail = null, bool Follow = false, DateTimeOffset? Since = null);
