using Gtc.Model;

namespace Gtc.Artifacts.Sources;

/// <summary>
/// The one way in which a step of a transfer fails. It never leaves <see cref="RetryLoop"/>, which retries it or turns it into a refusal.
/// Its message is a cause in a few words and holds no secret.
/// </summary>
internal sealed class FetchException(string cause) : Exception(cause)
{
    /// <summary>True when the same request may succeed later.</summary>
    public bool Transient { get; init; }

    /// <summary>The HTTP status, when the other side answered.</summary>
    public int? Status { get; init; }

    /// <summary>How long the other side asks to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The error kind of worker-runtime.md §6.2, when it is not the usual one of the transfer.</summary>
    public string? Code { get; init; }

    /// <summary>What to do about it, when that depends on the cause.</summary>
    public string? Next { get; init; }

    /// <summary>A refusal that stands as it is, for instance because the disk is full.</summary>
    public Refusal? Refusal { get; init; }
}
