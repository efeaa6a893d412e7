using System.Collections.Immutable;
using System.Text.Json;

namespace Gtc.Model;

/// <summary>What <c>bundles add</c> asks for (environment-model.md §4.8).</summary>
public sealed record AddDeployment
{
    /// <summary>The minted id.</summary>
    public required DeploymentId DeploymentId { get; init; }

    /// <summary>The bundle.</summary>
    public required string BundleId { get; init; }

    /// <summary>Who is billed.</summary>
    public required string CustomerId { get; init; }

    /// <summary>Which requests reach it.</summary>
    public required RouteBinding RouteBinding { get; init; }

    /// <summary>Who earns what.</summary>
    public required ImmutableArray<RevenueShareEntry> RevenueShare { get; init; }

    /// <summary>The authorization document.</summary>
    public string AuthorizationRef { get; init; } = "auth.json";

    /// <summary>Non-secret settings, or null.</summary>
    public ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, JsonElement>>? ConfigOverrides { get; init; }
}

/// <summary>What <c>bundles update</c> asks for. A member that is null is kept.</summary>
public sealed record UpdateDeployment
{
    /// <summary>The deployment.</summary>
    public required DeploymentId DeploymentId { get; init; }

    /// <summary>Whether it takes requests.</summary>
    public DeploymentStatus? Status { get; init; }

    /// <summary>Which requests reach it.</summary>
    public RouteBinding? RouteBinding { get; init; }

    /// <summary>Who earns what. A share that is given makes a new policy version, even when it is the present one.</summary>
    public ImmutableArray<RevenueShareEntry>? RevenueShare { get; init; }

    /// <summary>Non-secret settings, in whole; an empty map takes them away.</summary>
    public ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, JsonElement>>? ConfigOverrides { get; init; }
}

/// <summary>How an update ended.</summary>
/// <param name="Document">The document after.</param>
/// <param name="Deployment">The deployment after.</param>
/// <param name="NeedsPolicy">True when the backend must issue a new revenue policy version before it saves.</param>
public sealed record UpdatedDeployment(EnvironmentDocument Document, BundleDeployment Deployment, bool NeedsPolicy);

/// <summary>How a removal ended.</summary>
/// <param name="Document">The document after.</param>
/// <param name="Deployment">The deployment that is gone.</param>
/// <param name="Pruned">Its revisions, which went with it; their folders may be deleted.</param>
public sealed record RemovedDeployment(EnvironmentDocument Document, BundleDeployment Deployment, ImmutableArray<Revision> Pruned);
