using System.Collections.Immutable;

namespace Gtc.EnvPacks;

/// <summary>What a pack answers to <c>hello</c>.</summary>
/// <param name="Protocol">The version of the protocol that it speaks.</param>
/// <param name="Kind">What it is.</param>
internal sealed record PackHello(int Protocol, string Kind);

/// <summary>What a pack answers to <c>requirements</c>.</summary>
internal sealed record PackRequirements
{
    /// <summary>What it looked at.</summary>
    public required ImmutableArray<PackRequirement> Checks { get; init; }
}

/// <summary>One thing that a pack looked at.</summary>
internal sealed record PackRequirement
{
    /// <summary>A short name.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it holds.</summary>
    public required bool Met { get; init; }

    /// <summary>What was seen, or null.</summary>
    public string? Detail { get; init; }

    /// <summary>What to do about it, or null.</summary>
    public string? Hint { get; init; }
}
