using System.Text.Json;
using Gtc.Kubernetes;

namespace Gtc.Deployers.Clusters;

/// <summary>Names one object of a cluster.</summary>
/// <param name="ApiVersion">Group and version.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Namespace">The namespace; null for objects of the whole cluster.</param>
/// <param name="Name">The name.</param>
public sealed record ObjectRef(string ApiVersion, string Kind, string? Namespace, string Name)
{
    /// <summary>The name of an object that was rendered.</summary>
    public static ObjectRef Of(KubeObject item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return new(item.ApiVersion, item.Kind, item.Metadata.Namespace, item.Metadata.Name!);
    }

    /// <summary>For people, e.g. <c>Deployment gtc-router in namespace gtc-local</c>.</summary>
    public override string ToString() => Namespace is null ? $"{Kind} {Name}" : $"{Kind} {Name} in namespace {Namespace}";

    /// <summary>Its kind, which is always one of the table's: objects are rendered by this program.</summary>
    internal KubeKind Known => KubeKind.Of(ApiVersion, Kind) ?? throw new InvalidOperationException($"unsupported object {ApiVersion} {Kind}");

    /// <summary>The name of an object that a list returned: its items do not say what kind they are.</summary>
    internal static ObjectRef Of(KubeKind kind, JsonElement live) => new(kind.ApiVersion, kind.Kind, live.Meta("namespace"), live.Meta("name") ?? "");
}
