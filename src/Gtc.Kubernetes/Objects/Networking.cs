using System.Collections.Immutable;

namespace Gtc.Kubernetes;

/// <summary>v1/Service.</summary>
public sealed record Service : KubeObject
{
    /// <summary>What is wanted.</summary>
    public required ServiceSpec Spec { get; init; }
}

/// <summary>What a Service wants.</summary>
public sealed record ServiceSpec : KeepsUnknown
{
    /// <summary>E.g. <c>ClusterIP</c>.</summary>
    public string? Type { get; init; }

    /// <summary><c>None</c> for a headless Service, whose name has the address of each pod; null for an address of the cluster's own choice.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("clusterIP")]
    public string? ClusterIp { get; init; }

    /// <summary>Whether pods have names before they are ready, so that they can find each other while they start.</summary>
    public bool? PublishNotReadyAddresses { get; init; }

    /// <summary>Which pods are behind it.</summary>
    public ImmutableSortedDictionary<string, string>? Selector { get; init; }

    /// <summary>Its ports.</summary>
    public required ImmutableArray<ServicePort> Ports { get; init; }
}

/// <summary>A port of a Service.</summary>
public sealed record ServicePort : KeepsUnknown
{
    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>Always written: older servers refuse a server-side apply without it.</summary>
    public required string Protocol { get; init; }

    /// <summary>The number at the Service.</summary>
    public required int Port { get; init; }

    /// <summary>The number at the pods.</summary>
    public int? TargetPort { get; init; }

    /// <summary>The port on every node, 30000 to 32767 in most clusters; null lets the cluster choose.</summary>
    public int? NodePort { get; init; }
}

/// <summary>networking.k8s.io/v1 NetworkPolicy.</summary>
public sealed record NetworkPolicy : KubeObject
{
    /// <summary>What is wanted.</summary>
    public required NetworkPolicySpec Spec { get; init; }
}

/// <summary>What a NetworkPolicy wants.</summary>
public sealed record NetworkPolicySpec : KeepsUnknown
{
    /// <summary>Whose traffic it is about; an empty selector means every pod of the namespace.</summary>
    public required LabelSelector PodSelector { get; init; }

    /// <summary><c>Ingress</c>, <c>Egress</c> or both.</summary>
    public ImmutableArray<string>? PolicyTypes { get; init; }

    /// <summary>What may come in; an empty list means nothing.</summary>
    public ImmutableArray<NetworkRule>? Ingress { get; init; }

    /// <summary>What may go out; an empty list means nothing.</summary>
    public ImmutableArray<NetworkRule>? Egress { get; init; }
}

/// <summary>One permission; one without any member allows everything.</summary>
public sealed record NetworkRule : KeepsUnknown
{
    /// <summary>The ports; null means all.</summary>
    public ImmutableArray<NetworkPort>? Ports { get; init; }

    /// <summary>Whence, in a rule of <see cref="NetworkPolicySpec.Ingress"/>.</summary>
    public ImmutableArray<NetworkPeer>? From { get; init; }

    /// <summary>Whither, in a rule of <see cref="NetworkPolicySpec.Egress"/>.</summary>
    public ImmutableArray<NetworkPeer>? To { get; init; }
}

/// <summary>A port of a rule.</summary>
public sealed record NetworkPort : KeepsUnknown
{
    /// <summary><c>TCP</c> or <c>UDP</c>.</summary>
    public required string Protocol { get; init; }

    /// <summary>The number; null means all.</summary>
    public int? Port { get; init; }
}

/// <summary>The other side of a rule.</summary>
public sealed record NetworkPeer : KeepsUnknown
{
    /// <summary>Pods of the same namespace.</summary>
    public LabelSelector? PodSelector { get; init; }

    /// <summary>Addresses.</summary>
    public AddressBlock? IpBlock { get; init; }
}

/// <summary>A range of addresses.</summary>
public sealed record AddressBlock : KeepsUnknown
{
    /// <summary>E.g. <c>10.1.0.0/16</c>.</summary>
    public required string Cidr { get; init; }

    /// <summary>Ranges of it that are not meant.</summary>
    public ImmutableArray<string>? Except { get; init; }
}
