using System.Collections.Immutable;

namespace Gtc.Fleet.Contracts;

/// <summary>The metadata of a resource, as far as a fleet looks at it; the rest is kept.</summary>
public sealed record ResourceMeta : KeepsUnknown
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The namespace; null for devices.</summary>
    public string? Namespace { get; init; }

    /// <summary>Tells a resource from a later one of the same name; set by the server.</summary>
    public string? Uid { get; init; }

    /// <summary>Counts changes of the spec; set by the server.</summary>
    public long? Generation { get; init; }

    /// <summary>The version for conditional writes; set by the server.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>When it was made; set by the server.</summary>
    public DateTimeOffset? CreationTimestamp { get; init; }

    /// <summary>When somebody wanted it gone; set by the server, which keeps it until it has no finalizers.</summary>
    public DateTimeOffset? DeletionTimestamp { get; init; }

    /// <summary>Who has something to do before it goes.</summary>
    public ImmutableArray<string>? Finalizers { get; init; }

    /// <summary>Labels.</summary>
    public ImmutableSortedDictionary<string, string>? Labels { get; init; }

    /// <summary>Annotations.</summary>
    public ImmutableSortedDictionary<string, string>? Annotations { get; init; }
}
