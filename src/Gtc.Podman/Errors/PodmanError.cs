namespace Gtc.Podman;

/// <summary>Why a call of podman came to nothing.</summary>
/// <param name="Kind">The kind of error.</param>
/// <param name="Message">What podman, or the connection, said; one line.</param>
/// <param name="Status">The HTTP status, or 0 when there was no answer; an error inside a stream that began well has 200.</param>
public sealed record PodmanError(PodmanErrorKind Kind, string Message, int Status = 0);
