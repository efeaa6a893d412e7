using System.Collections.Immutable;
using System.Text.Json;

namespace Gtc.Model;

/// <summary>One bundle, as a single revision or as a split (op-cli.md §6.7).</summary>
public sealed record ManifestBundle
{
    /// <summary>The bundle, unique in the manifest.</summary>
    public required string BundleId { get; init; }

    /// <summary>The single revision's file.</summary>
    public string? BundlePath { get; init; }

    /// <summary>Where a worker pulls the single revision from.</summary>
    public string? BundleSourceUri { get; init; }

    /// <summary>The single revision's pinned digest.</summary>
    public string? BundleDigest { get; init; }

    /// <summary>The split form.</summary>
    public ImmutableArray<ManifestRevision>? Revisions { get; init; }

    /// <summary>Who is billed.</summary>
    public string? CustomerId { get; init; }

    /// <summary><c>active</c>, <c>paused</c> or <c>archived</c>.</summary>
    public string? Status { get; init; }

    /// <summary>Who earns what.</summary>
    public ImmutableArray<ManifestShare>? RevenueShare { get; init; }

    /// <summary>Non-secret settings in whole; absent leaves them, an empty map takes them away.</summary>
    public ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, JsonElement>>? ConfigOverrides { get; init; }

    /// <summary>Which requests reach it.</summary>
    public ManifestRoute? RouteBinding { get; init; }
}

/// <summary>One revision of a split.</summary>
public sealed record ManifestRevision
{
    /// <summary>A name within the bundle.</summary>
    public required string Name { get; init; }

    /// <summary>The file.</summary>
    public string? BundlePath { get; init; }

    /// <summary>Where a worker pulls it from.</summary>
    public string? BundleSourceUri { get; init; }

    /// <summary>The pinned digest.</summary>
    public string? BundleDigest { get; init; }

    /// <summary>Its share in percent.</summary>
    public uint? WeightPercent { get; init; }

    /// <summary>Its share in basis points.</summary>
    public uint? WeightBps { get; init; }

    /// <summary>Seconds that running requests get when it drains.</summary>
    public uint? DrainSeconds { get; init; }

    /// <summary>Stored with the revision; reserved.</summary>
    public ImmutableArray<string>? AbortMetrics { get; init; }
}

/// <summary>One party's share.</summary>
public sealed record ManifestShare
{
    /// <summary>Who.</summary>
    public required string PartyId { get; init; }

    /// <summary>How much, of 10,000.</summary>
    public required uint BasisPoints { get; init; }
}

/// <summary>Which requests reach a bundle.</summary>
public sealed record ManifestRoute
{
    /// <summary>Host names.</summary>
    public ImmutableArray<string>? Hosts { get; init; }

    /// <summary>Path prefixes that start with a slash.</summary>
    public ImmutableArray<string>? PathPrefixes { get; init; }

    /// <summary>The tenant whose calls these are.</summary>
    public ManifestTenant? TenantSelector { get; init; }
}

/// <summary>A tenant and a team.</summary>
public sealed record ManifestTenant
{
    /// <summary>The tenant.</summary>
    public required string Tenant { get; init; }

    /// <summary>The team; <c>default</c> when absent.</summary>
    public string? Team { get; init; }
}
