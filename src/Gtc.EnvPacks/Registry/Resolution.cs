using System.Diagnostics.CodeAnalysis;

namespace Gtc.EnvPacks;

/// <summary>A handler, or why there is none.</summary>
public readonly struct Resolution
{
    private readonly IEnvPackHandler? _handler;
    private readonly RegistryError? _error;

    private Resolution(IEnvPackHandler? handler, RegistryError? error) => (_handler, _error) = (handler, error);

    /// <summary>Wraps a handler.</summary>
    public static Resolution Found(IEnvPackHandler handler) => new(handler, null);

    /// <summary>Wraps an error.</summary>
    public static implicit operator Resolution(RegistryError error) => new(null, error);

    /// <summary>The error, or null.</summary>
    public RegistryError? Error => _error;

    /// <summary>Reads both cases at once.</summary>
    /// <returns>True with a handler, false with an error.</returns>
    public bool TryGet([NotNullWhen(true)] out IEnvPackHandler? handler, [NotNullWhen(false)] out RegistryError? error)
    {
        handler = _handler;
        error = _error;
        return error is null;
    }
}
