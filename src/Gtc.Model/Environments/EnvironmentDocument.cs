using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>The desired state of one environment, <c>environment.json</c> (environment-model.md §2.1).</summary>
public sealed record EnvironmentDocument : KeepsUnknownMembers
{
    /// <summary>Always <see cref="Schemas.Environment"/>.</summary>
    public required string Schema { get; init; }

    /// <summary>The id, also the name of its folder.</summary>
    public required EnvId EnvironmentId { get; init; }

    /// <summary>The generation of the environment: how many documents the store has committed. Absent where a file was written by hand. Only a store sets it.</summary>
    public ulong? EnvGeneration { get; init; }

    /// <summary>A name for people.</summary>
    public required string Name { get; init; }

    /// <summary>Where and how it is hosted.</summary>
    public required HostConfig HostConfig { get; init; }

    /// <summary>The env-packs, at most one per slot.</summary>
    public ImmutableArray<EnvPackBinding> Packs { get => field.IsDefault ? [] : field; init; }

    /// <summary>The deployer's credentials, <c>secret://&lt;env&gt;/…</c>, or null.</summary>
    public string? CredentialsRef { get; init; }

    /// <summary>The deployments.</summary>
    public ImmutableArray<BundleDeployment> Bundles { get => field.IsDefault ? [] : field; init; }

    /// <summary>The revisions of all deployments.</summary>
    public ImmutableArray<Revision> Revisions { get => field.IsDefault ? [] : field; init; }

    /// <summary>The splits, at most one per deployment.</summary>
    public ImmutableArray<TrafficSplit> TrafficSplits { get => field.IsDefault ? [] : field; init; }

    /// <summary>The messaging endpoints.</summary>
    public ImmutableArray<MessagingEndpoint> MessagingEndpoints { get => field.IsDefault ? [] : field; init; }

    /// <summary>The extension env-packs.</summary>
    public ImmutableArray<ExtensionBinding> Extensions { get => field.IsDefault ? [] : field; init; }

    /// <summary>Whether a revocation list must be consulted.</summary>
    public RevocationConfig Revocation { get => field ?? new RevocationConfig(); init; }

    /// <summary>What is kept, and for how long.</summary>
    public RetentionPolicy Retention { get => field ?? new RetentionPolicy(); init; }

    /// <summary>The last observed health.</summary>
    public HealthStatus Health { get => field ?? new HealthStatus(); init; }
}

/// <summary>Whether a revocation list must be consulted.</summary>
public sealed record RevocationConfig : KeepsUnknownMembers
{
    /// <summary>True when a list must be present and fresh.</summary>
    public bool Required { get; init; }

    /// <summary>Where the list is, or null.</summary>
    public string? ListRef { get; init; }
}

/// <summary>What is kept, and for how long.</summary>
public sealed record RetentionPolicy : KeepsUnknownMembers
{
    /// <summary>How many archived revisions to keep per deployment, or null for all.</summary>
    public uint? KeepRevisions { get; init; }

    /// <summary>For how many days audit lines are kept, or null for ever.</summary>
    public uint? AuditRetentionDays { get; init; }
}

/// <summary>The last observed health.</summary>
public sealed record HealthStatus : KeepsUnknownMembers
{
    /// <summary><c>unknown</c>, <c>green</c>, <c>yellow</c> or <c>red</c>.</summary>
    public string State { get => field ?? "unknown"; init; }

    /// <summary>A sentence, or null.</summary>
    public string? Message { get; init; }

    /// <summary>When it was observed, or null.</summary>
    public DateTimeOffset? LastCheckedAt { get; init; }
}
