using System.Diagnostics.CodeAnalysis;

namespace Gtc.Wasm;

/// <summary>A value, or the reason why there is none. What others wrote may be wrong, and that is expected, so it travels as a value.</summary>
/// <typeparam name="T">What success yields.</typeparam>
public readonly struct WasmResult<T>
{
    private readonly T? _value;

    private WasmResult(T? value, WasmError? error)
    {
        _value = value;
        Error = error;
    }

    /// <summary>True when there is a value.</summary>
    public bool IsOk => Error is null;

    /// <summary>Why there is no value, or null.</summary>
    public WasmError? Error { get; }

    /// <summary>The value. Reading it from an error is a bug in the caller.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public T Value => Error is null ? _value! : throw new InvalidOperationException($"There is no value: {Error}");

    /// <summary>Wraps a value.</summary>
    public static implicit operator WasmResult<T>(T value) => new(value, null);

    /// <summary>Wraps an error.</summary>
    public static implicit operator WasmResult<T>(WasmError error) => new(default, error);

    /// <summary>Reads both cases at once.</summary>
    /// <returns>True with a value, false with an error.</returns>
    public bool TryGet([MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out WasmError? error)
    {
        value = _value;
        error = Error;
        return error is null;
    }

    /// <inheritdoc/>
    public override string ToString() => Error?.ToString() ?? $"{_value}";
}
