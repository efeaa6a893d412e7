using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>What <c>traffic set</c> asks for (environment-model.md §4.6).</summary>
public sealed record SetTraffic
{
    /// <summary>The deployment.</summary>
    public required DeploymentId DeploymentId { get; init; }

    /// <summary>The shares.</summary>
    public required ImmutableArray<TrafficShare> Entries { get; init; }

    /// <summary>Who sets it.</summary>
    public required string UpdatedBy { get; init; }

    /// <summary>The key under which the same request is answered again instead of done again.</summary>
    public required string IdempotencyKey { get; init; }

    /// <summary>The authorization document.</summary>
    public string AuthorizationRef { get; init; } = "auth.json";
}

/// <summary>How a change of the dial ended.</summary>
/// <param name="Document">The document after; the same as before on a replay.</param>
/// <param name="Split">The split in force.</param>
/// <param name="PreviousGeneration">The generation before, null on a replay and for the first split.</param>
/// <param name="NewGeneration">The generation after, null on a replay, which is not to be saved.</param>
public sealed record TrafficChange(EnvironmentDocument Document, TrafficSplit Split, ulong? PreviousGeneration, ulong? NewGeneration);
