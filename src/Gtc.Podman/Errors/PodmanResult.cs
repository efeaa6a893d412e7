using System.Diagnostics.CodeAnalysis;

namespace Gtc.Podman;

/// <summary>An answer or an error.</summary>
/// <typeparam name="T">The answer.</typeparam>
public readonly struct PodmanResult<T>
{
    private readonly T? _value;

    private PodmanResult(T? value, PodmanError? error)
    {
        _value = value;
        Error = error;
    }

    /// <summary>The error, or null.</summary>
    public PodmanError? Error { get; }

    /// <summary>The answer. Reading it from an error is a bug in the caller.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public T Value => Error is null ? _value! : throw new InvalidOperationException($"There is no answer: {Error.Message}");

    /// <summary>Wraps an answer.</summary>
    public static implicit operator PodmanResult<T>(T value) => new(value, null);

    /// <summary>Wraps an error.</summary>
    public static implicit operator PodmanResult<T>(PodmanError error) => new(default, error);

    /// <summary>Reads both cases at once.</summary>
    /// <returns>True with an answer, false with an error.</returns>
    public bool TryGet([MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out PodmanError? error)
    {
        value = _value;
        error = Error;
        return error is null;
    }
}
