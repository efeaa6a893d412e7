using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>The dial of one deployment (environment-model.md §2.6).</summary>
public sealed record TrafficSplit : KeepsUnknownMembers
{
    /// <summary>The whole, in basis points.</summary>
    public const uint Whole = 10_000;

    /// <summary>Always <see cref="Schemas.TrafficSplit"/>.</summary>
    public required string Schema { get; init; }

    /// <summary>The environment it belongs to.</summary>
    public required EnvId EnvId { get; init; }

    /// <summary>The deployment whose requests are split.</summary>
    public required DeploymentId DeploymentId { get; init; }

    /// <summary>The deployment's bundle.</summary>
    public required string BundleId { get; init; }

    /// <summary>Counts the changes of the dial, from 0.</summary>
    public required ulong Generation { get; init; }

    /// <summary>The shares in router order; the weights sum to exactly 10,000.</summary>
    public required ImmutableArray<TrafficShare> Entries { get; init; }

    /// <summary>When it was set.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Who set it.</summary>
    public required string UpdatedBy { get; init; }

    /// <summary>The key under which the same request is answered again instead of done again.</summary>
    public required string IdempotencyKey { get; init; }

    /// <summary>The authorization document.</summary>
    public required string AuthorizationRef { get; init; }

    /// <summary>
    /// The generation since which every revision that took traffic still does (dispatcher.md §5). Cookies and pins of an earlier one are void. An
    /// additive member; absent means <see cref="Generation"/>.
    /// </summary>
    public ulong? StickyGeneration { get; init; }

    /// <summary>The split before this one as an inline token (environment-model.md §4.3), or null.</summary>
    public string? PreviousSplitRef { get; init; }
}

/// <summary>One revision's share.</summary>
public sealed record TrafficShare : KeepsUnknownMembers
{
    /// <summary>The revision.</summary>
    public required RevisionId RevisionId { get; init; }

    /// <summary>Its share in basis points; checked by the validator, so that a document with 10,001 can be named instead of not read.</summary>
    public required uint WeightBps { get; init; }

    /// <summary>The slots that it holds, e.g. <c>0-8999</c> (<see cref="SplitSlots"/>). An additive member; absent means that they follow from the weights.</summary>
    public string? Slots { get; init; }
}
