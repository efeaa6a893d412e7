using System.Text.Json;

namespace Gtc.Podman;

/// <summary>Reads podman's errors.</summary>
internal static class ErrorText
{
    private const int MaxMessage = 2_000;

    // In this order: a limit that is refused has the cause "permission denied" and is told by the message alone.
    private static readonly (string Text, PodmanErrorKind Kind)[] Known =
    [
        ("image not known", PodmanErrorKind.ImageUnknown),
        ("no such image", PodmanErrorKind.NotFound),
        ("no such container", PodmanErrorKind.NotFound),
        ("no such volume", PodmanErrorKind.NotFound),
        ("name is already in use", PodmanErrorKind.NameInUse),
        ("container already exists", PodmanErrorKind.NameInUse),
        ("address already in use", PodmanErrorKind.PortInUse),
        ("port is already allocated", PodmanErrorKind.PortInUse),
        ("volume is being used", PodmanErrorKind.InUse),
        ("image is in use", PodmanErrorKind.InUse),
        ("image used by", PodmanErrorKind.InUse),
        ("no space left on device", PodmanErrorKind.NoSpace),
        ("disk quota exceeded", PodmanErrorKind.NoSpace),
        ("setrlimit", PodmanErrorKind.LimitRefused),
        ("rlimit", PodmanErrorKind.LimitRefused),
        ("cgroup", PodmanErrorKind.LimitRefused),
        ("attempted to invoke a command that was not found", PodmanErrorKind.CommandNotFound),
        ("OCI permission denied", PodmanErrorKind.CommandNotFound),
    ];

    /// <summary>The error of an answer with a bad status.</summary>
    public static PodmanError Read(int status, ReadOnlySpan<byte> body)
    {
        var (cause, message) = Split(body);
        var kind = status == 404 ? PodmanErrorKind.NotFound : Of($"{cause}\n{message}") ?? PodmanErrorKind.Failed;
        return new(kind, Line(message ?? cause ?? $"podman answered with status {status}"), status);
    }

    /// <summary>The error of a line within a stream that began with 200.</summary>
    public static PodmanError OfPull(string message) =>
        new(Of(message) is PodmanErrorKind.NoSpace ? PodmanErrorKind.NoSpace : PodmanErrorKind.PullFailed, Line(message), 200);

    /// <summary>A message on one line, no longer than anybody reads.</summary>
    public static string Line(string text)
    {
        var line = text.ReplaceLineEndings(" ").Trim();
        return line.Length <= MaxMessage ? line : line[..MaxMessage] + "…";
    }

    private static PodmanErrorKind? Of(string text)
    {
        foreach (var (known, kind) in Known)
        {
            if (text.Contains(known, StringComparison.OrdinalIgnoreCase))
            {
                return kind;
            }
        }

        return null;
    }

    private static (string? Cause, string? Message) Split(ReadOnlySpan<byte> body)
    {
        try
        {
            var error = JsonSerializer.Deserialize(body, PodmanJson.Default.ErrorBody);
            return (error?.Cause, error?.Message);
        }
        catch (JsonException)
        {
            var text = System.Text.Encoding.UTF8.GetString(body);
            return (null, string.IsNullOrWhiteSpace(text) ? null : text);
        }
    }
}

/// <summary>The body of an error.</summary>
internal sealed record ErrorBody(string? Cause, string? Message);
