using System.Collections.Frozen;

namespace Gtc.Kubernetes;

/// <summary>A kind and where the API keeps it. The list is closed: a kind that is not in it is a bug, not a guess.</summary>
/// <param name="ApiVersion">Group and version; the version alone for the core group.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Plural">Its name in paths.</param>
/// <param name="IsNamespaced">Whether its objects live in namespaces.</param>
public sealed record KubeKind(string ApiVersion, string Kind, string Plural, bool IsNamespaced)
{
    /// <summary>Every kind that is touched.</summary>
    public static IReadOnlyList<KubeKind> All { get; } =
    [
        new("v1", "Namespace", "namespaces", false),
        new("v1", "Service", "services", true),
        new("v1", "ConfigMap", "configmaps", true),
        new("v1", "Secret", "secrets", true),
        new("v1", "ServiceAccount", "serviceaccounts", true),
        new("v1", "Pod", "pods", true),
        new("apps/v1", "Deployment", "deployments", true),
        new("apps/v1", "StatefulSet", "statefulsets", true),
        new("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", true),
        new("policy/v1beta1", "PodDisruptionBudget", "poddisruptionbudgets", true),
        new("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", true),
        new("networking.k8s.io/v1", "Ingress", "ingresses", true),
        new("gateway.networking.k8s.io/v1", "HTTPRoute", "httproutes", true),
        new("autoscaling/v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true),
        new("external-secrets.io/v1", "ExternalSecret", "externalsecrets", true),
        new("external-secrets.io/v1beta1", "ExternalSecret", "externalsecrets", true),
        new("rbac.authorization.k8s.io/v1", "Role", "roles", true),
        new("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", true),
        new("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", false),
        new("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings", false),
        new("apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions", false),
        new("coordination.k8s.io/v1", "Lease", "leases", true),
        new("v1", "Event", "events", true),
        new("v1", "Node", "nodes", false),
        new("fleet.nationtech.io/v1alpha1", "Deployment", "deployments", true),
        new("fleet.nationtech.io/v1alpha1", "Device", "devices", false),
    ];

    private static readonly FrozenDictionary<(string, string), KubeKind> ByName = All.ToFrozenDictionary(kind => (kind.ApiVersion, kind.Kind));

    /// <summary>The kind of an object, or null when it is not in the list.</summary>
    public static KubeKind? Of(string apiVersion, string kind) => ByName.GetValueOrDefault((apiVersion, kind));

    /// <summary>The path of the collection.</summary>
    /// <param name="ns">The namespace; null for all of them, and for kinds of the whole cluster.</param>
    public string Collection(string? ns)
    {
        var root = ApiVersion.Contains('/', StringComparison.Ordinal) ? $"/apis/{ApiVersion}" : $"/api/{ApiVersion}";
        return IsNamespaced && ns is not null ? $"{root}/namespaces/{Uri.EscapeDataString(ns)}/{Plural}" : $"{root}/{Plural}";
    }

    /// <summary>The path of one object.</summary>
    public string Item(string? ns, string name) => $"{Collection(ns)}/{Uri.EscapeDataString(name)}";
}
