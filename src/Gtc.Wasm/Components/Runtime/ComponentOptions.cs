using System.Collections.Immutable;

namespace Gtc.Wasm.Components;

/// <summary>What one instance gets from its host.</summary>
public sealed record ComponentOptions
{
    /// <summary>Memory, tables, stack and instances, for all core modules of the component together.</summary>
    public StoreLimits Limits { get; init; } = StoreLimits.Default;

    /// <summary>Whose time bounds calls.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Objects that host functions find by their type with <see cref="HostCall.Get"/>, such as the caller's identity or <c>WasiContext</c>.</summary>
    public ImmutableArray<object> State { get; init; } = [];
}

/// <summary>What one call may take.</summary>
/// <param name="Within">How long; null for no bound in time.</param>
public readonly record struct CallLimits(TimeSpan? Within)
{
    /// <summary>No bound in time; cancellation still ends the call.</summary>
    public static CallLimits None => default;
}
