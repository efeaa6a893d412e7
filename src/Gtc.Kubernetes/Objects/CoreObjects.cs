using System.Collections.Immutable;

namespace Gtc.Kubernetes;

/// <summary>v1/Namespace.</summary>
public sealed record NamespaceObject : KubeObject;

/// <summary>v1/ConfigMap.</summary>
public sealed record ConfigMap : KubeObject
{
    /// <summary>Files by name; 1 MiB in all.</summary>
    public ImmutableSortedDictionary<string, string>? Data { get; init; }

    /// <summary>Files that are no text, by name, base64; they count as well.</summary>
    public ImmutableSortedDictionary<string, string>? BinaryData { get; init; }
}

/// <summary>v1/Secret.</summary>
public sealed record Secret : KubeObject
{
    /// <summary>The type, e.g. <c>Opaque</c>.</summary>
    public string? Type { get; init; }

    /// <summary>Values by name, base64.</summary>
    public ImmutableSortedDictionary<string, string>? Data { get; init; }
}

/// <summary>v1/ServiceAccount.</summary>
public sealed record ServiceAccount : KubeObject
{
    /// <summary>Whether pods get its token without asking.</summary>
    public bool? AutomountServiceAccountToken { get; init; }
}

/// <summary>policy/v1 PodDisruptionBudget.</summary>
public sealed record PodDisruptionBudget : KubeObject
{
    /// <summary>What is wanted.</summary>
    public required PodDisruptionBudgetSpec Spec { get; init; }
}

/// <summary>How many pods must stay.</summary>
public sealed record PodDisruptionBudgetSpec : KeepsUnknown
{
    /// <summary>How many must stay.</summary>
    public int? MinAvailable { get; init; }

    /// <summary>How many may be away; excludes <see cref="MinAvailable"/>.</summary>
    public int? MaxUnavailable { get; init; }

    /// <summary>Which pods count.</summary>
    public LabelSelector? Selector { get; init; }
}

/// <summary>Chooses objects by labels.</summary>
public sealed record LabelSelector : KeepsUnknown
{
    /// <summary>Labels that must be so. An empty selector chooses everything.</summary>
    public ImmutableSortedDictionary<string, string>? MatchLabels { get; init; }
}
