namespace Gtc.Kubernetes;

/// <summary>Why a call of the API came to nothing.</summary>
public enum KubeErrorKind
{
    /// <summary>The object, or its namespace, is not there.</summary>
    NotFound,

    /// <summary>The identity may not do that, or is not known (401 and 403).</summary>
    Forbidden,

    /// <summary>Somebody else changed the object, or owns fields of it (409).</summary>
    Conflict,

    /// <summary>The version that a watch or a list goes on from is too old (410).</summary>
    Gone,

    /// <summary>The object breaks a rule of the API (400 and 422).</summary>
    Invalid,

    /// <summary>The kind is not one of <see cref="KubeKind.All"/>, or the object lacks what its path needs.</summary>
    Unsupported,

    /// <summary>The server could not be reached, was too slow, or failed; trying again may help.</summary>
    Unavailable,
}

/// <summary>Why a call of the API came to nothing.</summary>
/// <param name="Kind">The kind of error.</param>
/// <param name="Message">What the server, or the connection, said; one line.</param>
/// <param name="Status">The HTTP status, or 0 when there was no answer.</param>
public sealed record KubeError(KubeErrorKind Kind, string Message, int Status = 0)
{
    /// <summary>When the server wants to be asked again (RFC 9110 §10.2.3); null when it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>An answer or an error.</summary>
/// <typeparam name="T">The answer.</typeparam>
public readonly record struct KubeResult<T>
    where T : class
{
    /// <summary>The answer, or null.</summary>
    public T? Value { get; private init; }

    /// <summary>The error, or null.</summary>
    public KubeError? Error { get; private init; }

    /// <summary>Wraps an answer.</summary>
    public static implicit operator KubeResult<T>(T value) => new() { Value = value };

    /// <summary>Wraps an error.</summary>
    public static implicit operator KubeResult<T>(KubeError error) => new() { Error = error };
}
