using System.Diagnostics.CodeAnalysis;

namespace Gtc.Signing;

/// <summary>A value, or the reason why there is none. Bad keys, envelopes and signatures are expected, so they travel as values.</summary>
/// <typeparam name="T">What success yields.</typeparam>
public readonly struct SigningResult<T>
{
    private readonly T? _value;

    private SigningResult(T? value, SigningError? error)
    {
        _value = value;
        Error = error;
    }

    /// <summary>True when there is a value.</summary>
    public bool IsOk => Error is null;

    /// <summary>Why there is no value, or null.</summary>
    public SigningError? Error { get; }

    /// <summary>The value. Reading it from an error is a bug in the caller.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public T Value => Error is null ? _value! : throw new InvalidOperationException($"There is no value: {Error.Message}");

    /// <summary>Wraps a value.</summary>
    public static implicit operator SigningResult<T>(T value) => new(value, null);

    /// <summary>Wraps an error.</summary>
    public static implicit operator SigningResult<T>(SigningError error) => new(default, error);

    /// <summary>Reads both cases at once.</summary>
    /// <returns>True with a value, false with an error.</returns>
    public bool TryGet([MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out SigningError? error)
    {
        value = _value;
        error = Error;
        return error is null;
    }
}
