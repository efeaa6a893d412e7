using System.Diagnostics.CodeAnalysis;

namespace Gtc.Nats;

/// <summary>Done, or the reason why not.</summary>
public readonly record struct NatsResult
{
    private NatsResult(NatsError? error) => Error = error;

    /// <summary>It is done.</summary>
    public static NatsResult Done => default;

    /// <summary>Why it is not done, or null.</summary>
    public NatsError? Error { get; }

    /// <summary>True when it is done.</summary>
    public bool IsOk => Error is null;

    /// <summary>Wraps an error.</summary>
    public static implicit operator NatsResult(NatsError error) => new(error);

    /// <inheritdoc/>
    public override string ToString() => Error?.ToString() ?? "done";
}

/// <summary>A value, or the reason why there is none. What a broker may answer, or not answer, is expected, so it travels as a value.</summary>
/// <typeparam name="T">What success yields.</typeparam>
public readonly struct NatsResult<T>
{
    private readonly T? _value;

    private NatsResult(T? value, NatsError? error)
    {
        _value = value;
        Error = error;
    }

    /// <summary>True when there is a value.</summary>
    public bool IsOk => Error is null;

    /// <summary>Why there is no value, or null.</summary>
    public NatsError? Error { get; }

    /// <summary>The value. Reading it from an error is a bug in the caller.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public T Value => Error is null ? _value! : throw new InvalidOperationException($"There is no value: {Error}");

    /// <summary>Wraps a value.</summary>
    public static implicit operator NatsResult<T>(T value) => new(value, null);

    /// <summary>Wraps an error.</summary>
    public static implicit operator NatsResult<T>(NatsError error) => new(default, error);

    /// <summary>Reads both cases at once.</summary>
    /// <returns>True with a value, false with an error.</returns>
    public bool TryGet([MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out NatsError? error)
    {
        value = _value;
        error = Error;
        return error is null;
    }

    /// <inheritdoc/>
    public override string ToString() => Error?.ToString() ?? $"{_value}";
}
