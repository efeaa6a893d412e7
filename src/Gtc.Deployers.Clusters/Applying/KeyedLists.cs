using System.Collections.Immutable;
using System.Text.Json;

namespace Gtc.Deployers.Clusters;

/// <summary>
/// Which lists of the rendered kinds are merged item by item, and by which members (the API's <c>x-kubernetes-list-map-keys</c>). Every other list is
/// one value.
/// </summary>
internal static class KeyedLists
{
    private static readonly ImmutableArray<string> ByName = ["name"];

    /// <summary>The keys of a list, or none when it is one value.</summary>
    /// <param name="path">Where the list is.</param>
    /// <param name="items">The list.</param>
    public static ImmutableArray<string> KeysOf(FieldPath path, JsonElement items) => path.Steps is [.., FieldStep.Member list] && items.GetArrayLength() > 0 ? list.Name switch
    {
        "containers" or "initContainers" or "volumes" or "env" or "imagePullSecrets" => ByName,
        "volumeMounts" => ["mountPath"],
        "topologySpreadConstraints" => ["topologyKey", "whenUnsatisfiable"],
        "ports" when items[0].TryGetProperty("containerPort", out _) => ["containerPort", "protocol"],
        "ports" when items[0].TryGetProperty("targetPort", out _) => ["port", "protocol"],
        _ => [],
    }
    : [];

    /// <summary>The step into an item.</summary>
    public static FieldStep.Item StepOf(JsonElement item, ImmutableArray<string> keys) => new(keys.ToImmutableSortedDictionary(key => key, key => Key(item, key), StringComparer.Ordinal));

    /// <summary>A key as JSON. A port without a protocol has the one that the server fills in.</summary>
    private static string Key(JsonElement item, string key) => item.ValueKind == JsonValueKind.Object && item.TryGetProperty(key, out var value) ? value.GetRawText() : key == "protocol" ? "\"TCP\"" : "null";
}
