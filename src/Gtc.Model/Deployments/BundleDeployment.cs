using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Model;

/// <summary>Whether a deployment takes requests.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DeploymentStatus>))]
public enum DeploymentStatus
{
    /// <summary>It does.</summary>
    [JsonStringEnumMemberName("active")]
    Active,

    /// <summary>It does not, for the time being.</summary>
    [JsonStringEnumMemberName("paused")]
    Paused,

    /// <summary>It never will again.</summary>
    [JsonStringEnumMemberName("archived")]
    Archived,
}

/// <summary>One customer's copy of a bundle in an environment, unique by bundle and customer (environment-model.md §2.3).</summary>
public sealed record BundleDeployment : KeepsUnknownMembers
{
    /// <summary>Always <see cref="Schemas.BundleDeployment"/>.</summary>
    public required string Schema { get; init; }

    /// <summary>The id.</summary>
    public required DeploymentId DeploymentId { get; init; }

    /// <summary>The environment it belongs to.</summary>
    public required EnvId EnvId { get; init; }

    /// <summary>The bundle.</summary>
    public required string BundleId { get; init; }

    /// <summary>Who is billed.</summary>
    public required string CustomerId { get; init; }

    /// <summary>Whether it takes requests.</summary>
    public required DeploymentStatus Status { get; init; }

    /// <summary>The revisions that are not archived, in stage order.</summary>
    public ImmutableArray<RevisionId> CurrentRevisions { get => field.IsDefault ? [] : field; init; }

    /// <summary>Which requests reach it.</summary>
    public required RouteBinding RouteBinding { get; init; }

    /// <summary>Who earns what; the basis points sum to 10,000.</summary>
    public required ImmutableArray<RevenueShareEntry> RevenueShare { get; init; }

    /// <summary>The signed policy in force, relative to the environment's folder.</summary>
    public required string RevenuePolicyRef { get; init; }

    /// <summary>Where usage is metered, or null.</summary>
    public DeploymentUsage? Usage { get; init; }

    /// <summary>When it was added.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The authorization document, <c>auth.json</c> at creation.</summary>
    public required string AuthorizationRef { get; init; }

    /// <summary>Non-secret settings: pack id, key, value. Null when there are none.</summary>
    public ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, JsonElement>>? ConfigOverrides { get; init; }

    /// <summary>Whether every answer names the revision that gave it in <c>X-Served-Revision</c>. An additive member; absent means no.</summary>
    public bool? ExposeRevision { get; init; }

    /// <summary>What its dial was before it was taken out of routing, or null.</summary>
    public ClearedTraffic? ClearedTraffic { get; init; }

    /// <summary>Doors to single revisions beside the dial, at most <see cref="PreviewRules.MaxPerDeployment"/>. An additive member; absent means none.</summary>
    public ImmutableArray<RevisionPreview>? Previews { get; init; }
}

/// <summary>Which requests reach a deployment.</summary>
public sealed record RouteBinding : KeepsUnknownMembers
{
    /// <summary>Host names, lower case without port; empty means any.</summary>
    public ImmutableArray<string> Hosts { get => field.IsDefault ? [] : field; init; }

    /// <summary>Path prefixes that start with a slash; empty means the root.</summary>
    public ImmutableArray<string> PathPrefixes { get => field.IsDefault ? [] : field; init; }

    /// <summary>The tenant whose calls these are.</summary>
    public required TenantSelector TenantSelector { get; init; }
}

/// <summary>A tenant and a team.</summary>
public sealed record TenantSelector : KeepsUnknownMembers
{
    /// <summary>The selector when none is given.</summary>
    public static TenantSelector Default { get; } = new() { Tenant = "default", Team = "default" };

    /// <summary>The tenant.</summary>
    public required string Tenant { get; init; }

    /// <summary>The team.</summary>
    public required string Team { get; init; }
}

/// <summary>One party's share.</summary>
public sealed record RevenueShareEntry : KeepsUnknownMembers
{
    /// <summary>Who.</summary>
    public required string PartyId { get; init; }

    /// <summary>How much, of 10,000.</summary>
    public required uint BasisPoints { get; init; }
}

/// <summary>Where usage is metered.</summary>
public sealed record DeploymentUsage : KeepsUnknownMembers
{
    /// <summary>The meter.</summary>
    public required string MeterEndpoint { get; init; }

    /// <summary>When it last answered, or null.</summary>
    public DateTimeOffset? LastSeenAt { get; init; }
}
