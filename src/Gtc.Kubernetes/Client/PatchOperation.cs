using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gtc.Kubernetes;

/// <summary>One operation of a JSON patch (RFC 6902).</summary>
/// <param name="Op">E.g. <c>test</c>, <c>add</c>, <c>remove</c>.</param>
/// <param name="Path">A JSON pointer (RFC 6901).</param>
/// <param name="Value">What is added or expected; undefined for an operation without one.</param>
public readonly record struct PatchOperation(string Op, string Path, JsonElement Value)
{
    /// <summary>The patch is refused as a whole unless this value stands here.</summary>
    public static PatchOperation Test(string path, JsonElement value) => new("test", path, value);

    /// <summary>A value comes here; at <c>-</c> it is appended to a list.</summary>
    public static PatchOperation Add(string path, JsonElement value) => new("add", path, value);

    /// <summary>What stands here goes.</summary>
    public static PatchOperation Remove(string path) => new("remove", path, default);

    /// <summary>The finalizer is appended to an object that was seen with these.</summary>
    /// <param name="present">The finalizers that it was seen with; the patch is refused when they have changed.</param>
    /// <param name="version">The resource version that it was seen with: where there was no list yet, nothing else tells whether one came meanwhile.</param>
    /// <param name="finalizer">The one to append.</param>
    public static IReadOnlyList<PatchOperation> AddFinalizer(IReadOnlyList<string> present, string? version, string finalizer)
    {
        ArgumentNullException.ThrowIfNull(present);
        return present.Count == 0
            ? [Test("/metadata/resourceVersion", Text(version ?? "")), Add(Finalizers, List([finalizer]))]
            : [Test(Finalizers, List(present)), Add($"{Finalizers}/-", Text(finalizer))];
    }

    /// <summary>The finalizer is taken from an object that was seen with these; nothing when it is none of them.</summary>
    /// <param name="present">The finalizers that it was seen with; the patch is refused when the one at this place is another.</param>
    /// <param name="finalizer">The one to take away.</param>
    public static IReadOnlyList<PatchOperation> RemoveFinalizer(IReadOnlyList<string> present, string finalizer)
    {
        ArgumentNullException.ThrowIfNull(present);
        var place = present.TakeWhile(name => name != finalizer).Count();
        return place == present.Count ? [] : [Test($"{Finalizers}/{place}", Text(finalizer)), Remove($"{Finalizers}/{place}")];
    }

    /// <summary>The patch as it is sent.</summary>
    internal static JsonElement ToElement(IReadOnlyList<PatchOperation> operations)
    {
        var list = new JsonArray();
        foreach (var operation in operations)
        {
            var item = new JsonObject { ["op"] = operation.Op, ["path"] = operation.Path };
            if (operation.Value.ValueKind != JsonValueKind.Undefined)
            {
                item["value"] = JsonNode.Parse(operation.Value.GetRawText());
            }

            list.Add((JsonNode)item);
        }

        return JsonElement.Parse(list.ToJsonString());
    }

    private const string Finalizers = "/metadata/finalizers";

    private static JsonElement Text(string value) => JsonElement.Parse(JsonValue.Create(value).ToJsonString());

    private static JsonElement List(IEnumerable<string> values) => JsonElement.Parse(new JsonArray([.. values.Select(value => (JsonNode)JsonValue.Create(value))]).ToJsonString());
}
