using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Kubernetes;

namespace Gtc.Deployers.Kubernetes;

/// <summary>
/// Which objects beyond those of every environment a cluster was given, written into an annotation of a map that is read anyway: so that one whose answer
/// was taken back is found and removed, and nobody has to list or be allowed to list kinds that were never asked for.
/// </summary>
internal static class OptionalRecord
{
    /// <summary>The annotation: <c>Kind/name</c>, comma separated; of kinds that an operator brings also its version, which nobody else could tell later.</summary>
    public const string Annotation = "greentic.ai/optional-objects";

    /// <summary>Whether an object is beyond what every environment has.</summary>
    public static bool IsOptional(ObjectRef name) =>
        name.Kind is "Ingress" or "HTTPRoute" or "HorizontalPodAutoscaler" or "ExternalSecret" || name is { Kind: "Secret", Name: Pods.SigningKey or Pods.ConsoleKey } || name is { Kind: "PodDisruptionBudget", Name: not EnvironmentObjects.Router };

    /// <summary>The map with the record of what it is given, and of what it still has from before.</summary>
    public static KubeObject Stamped(KubeObject item, IEnumerable<ObjectRef> names)
    {
        var record = string.Join(',', names.Where(IsOptional).Distinct().Select(Entry));
        return item is ConfigMap && item.Metadata.Name == Pods.RuntimeConfig && record.Length > 0
            ? item with { Metadata = item.Metadata with { Annotations = (item.Metadata.Annotations ?? ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)).SetItem(Annotation, record) } }
            : item;
    }

    /// <summary>What the cluster was given.</summary>
    /// <param name="map">The map as it is there, or an undefined element.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="budgets">The version of budgets that the cluster knows.</param>
    public static ImmutableArray<ObjectRef> Read(JsonElement map, string ns, string budgets) =>
    [
        .. (map.Annotation(Annotation) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(entry => entry.Split('/'))
            .Where(parts => parts is [_, { Length: > 0 }] or [_, { Length: > 0 }, _])
            .Select(parts => KindOf(parts[0], parts.ElementAtOrDefault(2), budgets) is { } kind ? new ObjectRef(kind.ApiVersion, kind.Kind, ns, parts[1]) : null)
            .OfType<ObjectRef>()
            .Where(IsOptional),
    ];

    private static string Entry(ObjectRef name) => name.Kind == "ExternalSecret" ? $"{name.Kind}/{name.Name}/{name.ApiVersion.Split('/')[^1]}" : $"{name.Kind}/{name.Name}";

    private static KubeKind? KindOf(string name, string? version, string budgets) => name == "PodDisruptionBudget"
        ? KubeKind.Of(budgets, name)
        : KubeKind.All.FirstOrDefault(kind => kind.Kind == name && (version is null || kind.ApiVersion.EndsWith($"/{version}", StringComparison.Ordinal)));
}
