using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>What a worker serves, <c>runtime-config.json</c>: the splits joined with what is on disk (environment-model.md §2.9).</summary>
public sealed record RuntimeConfig : KeepsUnknownMembers
{
    /// <summary>Always <see cref="Schemas.RuntimeConfig"/>.</summary>
    public required string Schema { get; init; }

    /// <summary>The environment.</summary>
    public required EnvId EnvId { get; init; }

    /// <summary>One block per split entry, in split order then entry order.</summary>
    public ImmutableArray<RuntimeRevision> Revisions { get => field.IsDefault ? [] : field; init; }
}

/// <summary>One routed revision.</summary>
public sealed record RuntimeRevision : KeepsUnknownMembers
{
    /// <summary>The deployment.</summary>
    public required DeploymentId DeploymentId { get; init; }

    /// <summary>The revision.</summary>
    public required RevisionId RevisionId { get; init; }

    /// <summary>The deployment's bundle.</summary>
    public required string BundleId { get; init; }

    /// <summary>Lock files, relative to the environment's folder.</summary>
    public ImmutableArray<string> PackListRefs { get => field.IsDefault ? [] : field; init; }

    /// <summary>Pack configurations, relative to the environment's folder.</summary>
    public ImmutableArray<string> PackConfigRefs { get => field.IsDefault ? [] : field; init; }

    /// <summary>The share in basis points.</summary>
    public required uint WeightBps { get; init; }
}

/// <summary>Values that the deployer discovered after it deployed, <c>runtime.json</c> (environment-model.md §2.2).</summary>
public sealed record EnvironmentRuntime : KeepsUnknownMembers
{
    /// <summary>Always <see cref="Schemas.EnvironmentRuntime"/>.</summary>
    public required string Schema { get; init; }

    /// <summary>The environment.</summary>
    public required EnvId EnvironmentId { get; init; }

    /// <summary>The values by key.</summary>
    public ImmutableSortedDictionary<string, System.Text.Json.JsonElement> Discovered { get => field ?? ImmutableSortedDictionary<string, System.Text.Json.JsonElement>.Empty; init; }

    /// <summary>When they were discovered.</summary>
    public required DateTimeOffset GeneratedAt { get; init; }

    /// <summary>The deployer that discovered them.</summary>
    public required PackDescriptor GeneratedBy { get; init; }

    /// <summary>Counts the discoveries.</summary>
    public required ulong Generation { get; init; }
}
