using System.Collections.Immutable;
using System.Reflection;
using Gtc.Model;

namespace Gtc.Runtime;

/// <summary>What a worker serves from one swap to the next, and what it was made from; immutable.</summary>
internal sealed record Serving
{
    /// <summary>The version of this gtc.</summary>
    public static string Version { get; } =
        typeof(Serving).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";

    /// <summary>The environment.</summary>
    public required EnvironmentDocument Document { get; init; }

    /// <summary>What the environment alone asks for.</summary>
    public required RuntimeConfig Projected { get; init; }

    /// <summary>What is served: the same, or what somebody wrote into runtime-config.json since.</summary>
    public required RuntimeConfig Config { get; init; }

    /// <summary>What answers.</summary>
    public required Activation Activation { get; init; }

    /// <summary>What was asked for and is not served, although something else is.</summary>
    public required ImmutableArray<string> Problems { get; init; }

    /// <summary>Whether the listener is not what the environment asks for by now.</summary>
    public bool RestartRequired { get; init; }
}
