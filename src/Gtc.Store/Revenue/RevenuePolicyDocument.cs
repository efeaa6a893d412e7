using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>One version of who earns what (environment-model.md §2.11). Its bytes are signed, so the order of the members matters.</summary>
public sealed record RevenuePolicyDocument
{
    /// <summary>Always <see cref="Schemas.RevenuePolicy"/>.</summary>
    public required string Schema { get; init; }

    /// <summary>Counts the policies of a deployment, from 1.</summary>
    public required ulong Version { get; init; }

    /// <summary>The deployment.</summary>
    public required DeploymentId DeploymentId { get; init; }

    /// <summary>The environment.</summary>
    public required EnvId EnvId { get; init; }

    /// <summary>The bundle.</summary>
    public required string BundleId { get; init; }

    /// <summary>Who is billed.</summary>
    public required string CustomerId { get; init; }

    /// <summary>Who earns what; the basis points sum to 10,000.</summary>
    public required ImmutableArray<RevenueShareEntry> RevenueShare { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The signature of the version before, relative to the environment's folder; null for the first.</summary>
    public string? PreviousVersionRef { get; init; }
}

/// <summary>What the signature of a policy says about it (trust-and-signing.md §5.3).</summary>
public sealed record RevenuePolicyPredicate
{
    /// <summary>Always <see cref="Schemas.RevenuePolicyPredicate"/>.</summary>
    public required string Schema { get; init; }

    /// <summary>The deployment.</summary>
    public required DeploymentId DeploymentId { get; init; }

    /// <summary>The environment.</summary>
    public required EnvId EnvId { get; init; }

    /// <summary>The bundle.</summary>
    public required string BundleId { get; init; }

    /// <summary>Who is billed.</summary>
    public required string CustomerId { get; init; }

    /// <summary>The policy's version.</summary>
    public required ulong Version { get; init; }

    /// <summary>The signature of the version before, or null for the first.</summary>
    public string? PreviousVersionRef { get; init; }

    /// <summary>When it was signed, which is when the document was made.</summary>
    public required DateTimeOffset SignedAt { get; init; }
}
