using System.Collections.Immutable;

namespace Gtc.Kubernetes;

/// <summary>networking.k8s.io/v1 Ingress.</summary>
public sealed record Ingress : KubeObject
{
    /// <summary>What is wanted.</summary>
    public required IngressSpec Spec { get; init; }

    /// <summary>What is; set by the server.</summary>
    public IngressStatus? Status { get; init; }
}

/// <summary>What an Ingress wants.</summary>
public sealed record IngressSpec : KeepsUnknown
{
    /// <summary>Which controller serves it; null means the cluster's default.</summary>
    public string? IngressClassName { get; init; }

    /// <summary>Certificates.</summary>
    public ImmutableArray<IngressTls>? Tls { get; init; }

    /// <summary>Where requests go.</summary>
    public required ImmutableArray<IngressRule> Rules { get; init; }
}

/// <summary>The certificate of some hosts.</summary>
public sealed record IngressTls : KeepsUnknown
{
    /// <summary>The hosts.</summary>
    public ImmutableArray<string>? Hosts { get; init; }

    /// <summary>The Secret with certificate and key.</summary>
    public string? SecretName { get; init; }
}

/// <summary>Where the requests of a host go.</summary>
public sealed record IngressRule : KeepsUnknown
{
    /// <summary>The host; null means every one.</summary>
    public string? Host { get; init; }

    /// <summary>By path.</summary>
    public required IngressPaths Http { get; init; }
}

/// <summary>Where requests go by path.</summary>
public sealed record IngressPaths : KeepsUnknown
{
    /// <summary>The paths.</summary>
    public required ImmutableArray<IngressPath> Paths { get; init; }
}

/// <summary>Where the requests of a path go.</summary>
public sealed record IngressPath : KeepsUnknown
{
    /// <summary>The path.</summary>
    public required string Path { get; init; }

    /// <summary>How it is compared, e.g. <c>Prefix</c>.</summary>
    public required string PathType { get; init; }

    /// <summary>Where they go.</summary>
    public required IngressBackend Backend { get; init; }
}

/// <summary>Where requests go.</summary>
public sealed record IngressBackend : KeepsUnknown
{
    /// <summary>A Service.</summary>
    public required IngressService Service { get; init; }
}

/// <summary>A Service behind an Ingress.</summary>
public sealed record IngressService : KeepsUnknown
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its port.</summary>
    public required NumberedPort Port { get; init; }
}

/// <summary>A port by its number.</summary>
public sealed record NumberedPort : KeepsUnknown
{
    /// <summary>The number.</summary>
    public required int Number { get; init; }
}

/// <summary>What became of an Ingress.</summary>
public sealed record IngressStatus : KeepsUnknown
{
    /// <summary>The addresses that the cluster gave.</summary>
    public LoadBalancerStatus? LoadBalancer { get; init; }
}

/// <summary>The addresses that the cluster gave.</summary>
public sealed record LoadBalancerStatus : KeepsUnknown
{
    /// <summary>The addresses.</summary>
    public ImmutableArray<LoadBalancerAddress>? Ingress { get; init; }
}

/// <summary>One address; either member is set.</summary>
public sealed record LoadBalancerAddress : KeepsUnknown
{
    /// <summary>An IP address.</summary>
    public string? Ip { get; init; }

    /// <summary>A host name.</summary>
    public string? Hostname { get; init; }
}

/// <summary>gateway.networking.k8s.io/v1 HTTPRoute.</summary>
public sealed record HttpRoute : KubeObject
{
    /// <summary>What is wanted.</summary>
    public required HttpRouteSpec Spec { get; init; }
}

/// <summary>What an HTTPRoute wants.</summary>
public sealed record HttpRouteSpec : KeepsUnknown
{
    /// <summary>The gateways that take it.</summary>
    public required ImmutableArray<GatewayReference> ParentRefs { get; init; }

    /// <summary>Hosts; null means every one of the gateway.</summary>
    public ImmutableArray<string>? Hostnames { get; init; }

    /// <summary>Where requests go.</summary>
    public required ImmutableArray<HttpRouteRule> Rules { get; init; }
}

/// <summary>A gateway.</summary>
public sealed record GatewayReference : KeepsUnknown
{
    /// <summary>Its namespace.</summary>
    public string? Namespace { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }
}

/// <summary>Where requests go.</summary>
public sealed record HttpRouteRule : KeepsUnknown
{
    /// <summary>The Services.</summary>
    public required ImmutableArray<HttpRouteBackend> BackendRefs { get; init; }
}

/// <summary>A Service behind a gateway.</summary>
public sealed record HttpRouteBackend : KeepsUnknown
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its port.</summary>
    public required int Port { get; init; }
}

/// <summary>autoscaling/v1 HorizontalPodAutoscaler; this version is served by every cluster, old and new.</summary>
public sealed record HorizontalPodAutoscaler : KubeObject
{
    /// <summary>What is wanted.</summary>
    public required HorizontalPodAutoscalerSpec Spec { get; init; }
}

/// <summary>What an autoscaler wants.</summary>
public sealed record HorizontalPodAutoscalerSpec : KeepsUnknown
{
    /// <summary>What is scaled.</summary>
    public required ScaleTarget ScaleTargetRef { get; init; }

    /// <summary>The fewest pods.</summary>
    public required int MinReplicas { get; init; }

    /// <summary>The most pods.</summary>
    public required int MaxReplicas { get; init; }

    /// <summary>The processor time that is aimed at, in percent of what pods request.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("targetCPUUtilizationPercentage")]
    public int? TargetCpuUtilizationPercentage { get; init; }
}

/// <summary>What is scaled.</summary>
public sealed record ScaleTarget : KeepsUnknown
{
    /// <summary>Group and version.</summary>
    public required string ApiVersion { get; init; }

    /// <summary>The kind.</summary>
    public required string Kind { get; init; }

    /// <summary>The name.</summary>
    public required string Name { get; init; }
}
