using System.Diagnostics.CodeAnalysis;

namespace Gtc.Fleet.Agent;

/// <summary>Why something of the device's cannot be done: what was found, what was expected, what to do next.</summary>
/// <param name="Message">One line that can be shown as it is; never a secret.</param>
public sealed record AgentError(string Message)
{
    /// <inheritdoc/>
    public override string ToString() => Message;
}

/// <summary>A value, or the reason why there is none.</summary>
/// <typeparam name="T">What success yields.</typeparam>
public readonly struct AgentResult<T>
{
    private readonly T? _value;

    private AgentResult(T? value, AgentError? error)
    {
        _value = value;
        Error = error;
    }

    /// <summary>Why there is no value, or null.</summary>
    public AgentError? Error { get; }

    /// <summary>The value. Reading it from an error is a bug in the caller.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public T Value => Error is null ? _value! : throw new InvalidOperationException($"There is no value: {Error}");

    /// <summary>Wraps a value.</summary>
    public static implicit operator AgentResult<T>(T value) => new(value, null);

    /// <summary>Wraps an error.</summary>
    public static implicit operator AgentResult<T>(AgentError error) => new(default, error);

    /// <summary>Reads both cases at once.</summary>
    /// <returns>True with a value, false with an error.</returns>
    public bool TryGet([MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out AgentError? error)
    {
        value = _value;
        error = Error;
        return error is null;
    }
}
