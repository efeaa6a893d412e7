using System.Diagnostics.CodeAnalysis;

namespace Gtc.Model;

/// <summary>A value, or the reason why there is none. Expected failures travel as values; exceptions mean a bug or a broken machine.</summary>
/// <typeparam name="T">What success yields.</typeparam>
public readonly struct Outcome<T>
{
    private readonly T? _value;
    private readonly Refusal? _refusal;

    private Outcome(T? value, Refusal? refusal)
    {
        _value = value;
        _refusal = refusal;
    }

    /// <summary>True when there is a value.</summary>
    public bool IsOk => _refusal is null;

    /// <summary>The value. Reading it from a refusal is a bug in the caller.</summary>
    /// <exception cref="InvalidOperationException">The outcome is a refusal.</exception>
    public T Value => _refusal is null
        ? _value!
        : throw new InvalidOperationException($"The outcome is a refusal: {_refusal.Message}");

    /// <summary>The refusal, or null on success.</summary>
    public Refusal? Refusal => _refusal;

    /// <summary>Wraps a value.</summary>
    public static implicit operator Outcome<T>(T value) => new(value, null);

    /// <summary>Wraps a refusal.</summary>
    public static implicit operator Outcome<T>(Refusal refusal) => new(default, refusal);

    /// <summary>Reads both cases at once.</summary>
    /// <returns>True with a value, false with a refusal.</returns>
    public bool TryGet([MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out Refusal? refusal)
    {
        value = _value;
        refusal = _refusal;
        return refusal is null;
    }

    /// <summary>Folds both cases into one result.</summary>
    public TResult Match<TResult>(Func<T, TResult> ok, Func<Refusal, TResult> refused)
    {
        ArgumentNullException.ThrowIfNull(ok);
        ArgumentNullException.ThrowIfNull(refused);
        return _refusal is null ? ok(_value!) : refused(_refusal);
    }

    /// <summary>Continues with the value; a refusal passes through.</summary>
    public Outcome<TNext> Then<TNext>(Func<T, Outcome<TNext>> next)
    {
        ArgumentNullException.ThrowIfNull(next);
        return _refusal is null ? next(_value!) : _refusal;
    }
}
