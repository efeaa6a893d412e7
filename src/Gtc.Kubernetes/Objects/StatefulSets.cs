using System.Collections.Immutable;

namespace Gtc.Kubernetes;

/// <summary>apps/v1 StatefulSet: pods with names and volumes of their own.</summary>
public sealed record StatefulSet : KubeObject
{
    /// <summary>What is wanted.</summary>
    public required StatefulSetSpec Spec { get; init; }
}

/// <summary>What a StatefulSet wants.</summary>
public sealed record StatefulSetSpec : KeepsUnknown
{
    /// <summary>The headless Service that gives its pods their names; cannot be changed.</summary>
    public required string ServiceName { get; init; }

    /// <summary>How many pods.</summary>
    public required int Replicas { get; init; }

    /// <summary><c>Parallel</c> starts all pods at once; null one after the other. Cannot be changed.</summary>
    public string? PodManagementPolicy { get; init; }

    /// <summary>Which pods are its own; cannot be changed.</summary>
    public required LabelSelector Selector { get; init; }

    /// <summary>What its pods are.</summary>
    public required PodTemplate Template { get; init; }

    /// <summary>The volumes that each pod gets for itself; cannot be changed.</summary>
    public ImmutableArray<VolumeClaim>? VolumeClaimTemplates { get; init; }
}

/// <summary>A volume that a pod gets for itself.</summary>
public sealed record VolumeClaim : KeepsUnknown
{
    /// <summary>Its name, by which containers mount it.</summary>
    public required ObjectMeta Metadata { get; init; }

    /// <summary>What is wanted.</summary>
    public required VolumeClaimSpec Spec { get; init; }
}

/// <summary>What a volume has to be like.</summary>
public sealed record VolumeClaimSpec : KeepsUnknown
{
    /// <summary>E.g. <c>ReadWriteOnce</c>.</summary>
    public required ImmutableArray<string> AccessModes { get; init; }

    /// <summary>The class; null for the cluster's default.</summary>
    public string? StorageClassName { get; init; }

    /// <summary>How large.</summary>
    public required Resources Resources { get; init; }
}
