using System.Text.Json;

namespace Gtc.Kubernetes;

/// <summary>Which object of a kind.</summary>
/// <param name="Namespace">Its namespace; null for kinds of the whole cluster.</param>
/// <param name="Name">Its name.</param>
public readonly record struct KubeKey(string? Namespace, string Name)
{
    /// <summary>The key of an object, null when it has no name.</summary>
    public static KubeKey? Of(JsonElement item) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty("metadata", out var metadata) && KubeTransport.Text(metadata, "name") is { } name
            ? new KubeKey(KubeTransport.Text(metadata, "namespace"), name)
            : null;

    /// <summary>E.g. <c>namespace/name</c>.</summary>
    public override string ToString() => Namespace is null ? Name : $"{Namespace}/{Name}";
}
