using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gtc.Deployers.Kubernetes.Tests.Reconciling;

/// <summary>An object as an API server keeps it: values, and who set which of them. Steps of paths are as in <c>managedFields</c>.</summary>
internal sealed class FakeObject
{
    private static readonly Dictionary<string, string[]> Keys = new(StringComparer.Ordinal)
    {
        ["containers"] = ["name"],
        ["initContainers"] = ["name"],
        ["volumes"] = ["name"],
        ["env"] = ["name"],
        ["volumeMounts"] = ["mountPath"],
        ["topologySpreadConstraints"] = ["topologyKey", "whenUnsatisfiable"],
    };

    private readonly Dictionary<(string Manager, string Operation), HashSet<string>> _owned = [];

    public JsonObject Value { get; set; } = [];

    public string Changed { get; set; } = "2026-11-20T14:02:03Z";

    /// <summary>Server-side apply.</summary>
    /// <returns>The managers whose fields would be taken, when it is not forced.</returns>
    public List<string> Apply(JsonObject wanted, string manager, bool isForced)
    {
        var leaves = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        Flatten("", wanted, leaves);
        var conflicts = _owned.Where(pair => pair.Key.Manager != manager && leaves.Any(leaf => pair.Value.Contains(leaf.Key) && !JsonNode.DeepEquals(At(leaf.Key), leaf.Value))).Select(pair => pair.Key.Manager).ToList();
        if (conflicts.Count > 0 && !isForced)
        {
            return conflicts;
        }

        var mine = Owned(manager, "Apply");
        foreach (var gone in mine.Except(leaves.Keys).Where(path => !_owned.Any(pair => pair.Key != (manager, "Apply") && pair.Value.Contains(path))).ToList())
        {
            var item = gone[..(gone.LastIndexOf("\u0001k:", StringComparison.Ordinal) is var at and > 0 && gone.IndexOf('\u0001', at + 1) is var end and > 0 ? end : 0)];
            if (item.Length > 0 && !leaves.Keys.Any(path => path.StartsWith(item, StringComparison.Ordinal)))
            {
                RemoveItem(item);
                continue;
            }

            Remove(gone);
        }

        foreach (var (path, value) in leaves)
        {
            if (!JsonNode.DeepEquals(At(path), value))
            {
                Disown(path, manager);
                Set(path, value);
            }
        }

        mine.Clear();
        mine.UnionWith(leaves.Keys);
        return [];
    }

    /// <summary>What <c>kubectl edit</c> does to one field.</summary>
    public void Edit(string manager, string path, JsonNode? value)
    {
        Disown(path, manager);
        foreach (var other in _owned.Values)
        {
            other.Remove(path);
        }

        if (value is null)
        {
            Remove(path);
            return;
        }

        Owned(manager, "Update").Add(path);
        Set(path, value);
    }

    public JsonObject Shown()
    {
        var shown = Value.DeepClone().AsObject();
        DropEmpty(shown);
        shown["metadata"]!["managedFields"] = new JsonArray([.. _owned.Where(pair => pair.Value.Count > 0).Select(pair => (JsonNode)new JsonObject
        {
            ["manager"] = pair.Key.Manager,
            ["operation"] = pair.Key.Operation,
            ["apiVersion"] = Value["apiVersion"]!.DeepClone(),
            ["time"] = Changed,
            ["fieldsType"] = "FieldsV1",
            ["fieldsV1"] = Tree(pair.Value),
        })]);
        return shown;
    }

    private static JsonObject Tree(HashSet<string> paths)
    {
        var root = new JsonObject();
        foreach (var path in paths.Order(StringComparer.Ordinal))
        {
            var node = root;
            foreach (var step in path.Split('\u0001'))
            {
                node = (node[step] ??= new JsonObject()).AsObject();
            }
        }

        return root;
    }

    /// <summary>Go leaves out what is empty, except for structs behind pointers.</summary>
    private static void DropEmpty(JsonObject item)
    {
        foreach (var (name, value) in item.ToList())
        {
            switch (value)
            {
                case JsonArray { Count: 0 }:
                case JsonValue text when text.GetValueKind() == JsonValueKind.String && text.GetValue<string>().Length == 0:
                case JsonObject { Count: 0 } when name == "data":
                    item.Remove(name);
                    break;
                case JsonObject child:
                    DropEmpty(child);
                    break;
                case JsonArray list:
                    foreach (var child in list.OfType<JsonObject>())
                    {
                        DropEmpty(child);
                    }

                    break;
            }
        }
    }

    private static void Flatten(string path, JsonNode? value, Dictionary<string, JsonNode?> leaves)
    {
        var name = path.Split('\u0001')[^1];
        switch (value)
        {
            case JsonObject { Count: > 0 } item:
                foreach (var (member, child) in item.Where(pair => path.Length > 0 || pair.Key is not ("apiVersion" or "kind")))
                {
                    if (path == "f:metadata" && member is "name" or "namespace")
                    {
                        continue;
                    }

                    Flatten(path.Length == 0 ? $"f:{member}" : $"{path}\u0001f:{member}", child, leaves);
                }

                break;
            case JsonArray { Count: > 0 } list when KeysOf(name, list) is { } keys:
                foreach (var item in list)
                {
                    Flatten($"{path}\u0001k:{KeyOf(item!.AsObject(), keys)}", item, leaves);
                }

                break;
            default:
                leaves[path] = value?.DeepClone();
                break;
        }
    }

    private static string[]? KeysOf(string field, JsonArray list) => field == "f:ports"
        ? list[0]!["containerPort"] is not null ? ["containerPort", "protocol"] : list[0]!["targetPort"] is not null ? ["port", "protocol"] : null
        : Keys.GetValueOrDefault(field.StartsWith("f:", StringComparison.Ordinal) ? field[2..] : "");

    private static string KeyOf(JsonObject item, string[] keys)
    {
        return new JsonObject(keys.Select(key => KeyValuePair.Create(key, item[key]?.DeepClone() ?? (key == "protocol" ? "TCP" : null)))).ToJsonString();
    }

    private HashSet<string> Owned(string manager, string operation)
    {
        if (!_owned.TryGetValue((manager, operation), out var owned))
        {
            _owned[(manager, operation)] = owned = new(StringComparer.Ordinal);
        }

        return owned;
    }

    private void Disown(string path, string but)
    {
        foreach (var (owner, paths) in _owned)
        {
            if (owner.Manager != but)
            {
                paths.Remove(path);
            }
        }
    }

    private JsonNode? At(string path)
    {
        JsonNode? node = Value;
        foreach (var step in path.Split('\u0001'))
        {
            node = node is null ? null : Child(node, step);
        }

        return node;
    }

    private static JsonNode? Child(JsonNode node, string step)
    {
        if (step.StartsWith("f:", StringComparison.Ordinal))
        {
            return (node as JsonObject)?[step[2..]];
        }

        var keys = JsonNode.Parse(step[2..])!.AsObject();
        return (node as JsonArray)?.FirstOrDefault(item => keys.All(key => JsonNode.DeepEquals(item![key.Key], key.Value)));
    }

    private void Set(string path, JsonNode? value)
    {
        var steps = path.Split('\u0001');
        JsonNode node = Value;
        for (var index = 0; index < steps.Length - 1; index++)
        {
            if (Child(node, steps[index]) is { } child)
            {
                node = child;
                continue;
            }

            JsonNode made = steps[index + 1].StartsWith("k:", StringComparison.Ordinal) ? new JsonArray() : new JsonObject();
            if (steps[index].StartsWith("k:", StringComparison.Ordinal))
            {
                made = JsonNode.Parse(steps[index][2..])!;
                node.AsArray().Add(made);
            }
            else
            {
                node.AsObject()[steps[index][2..]] = made;
            }

            node = made;
        }

        node.AsObject()[steps[^1][2..]] = value?.DeepClone();
    }

    private void RemoveItem(string path)
    {
        var list = path.LastIndexOf('\u0001');
        if (At(path) is { } item)
        {
            At(path[..list])!.AsArray().Remove(item);
        }
    }

    private void Remove(string path)
    {
        var steps = path.Split('\u0001');
        JsonNode? node = Value;
        foreach (var step in steps[..^1])
        {
            node = node is null ? null : Child(node, step);
        }

        (node as JsonObject)?.Remove(steps[^1][2..]);
    }
}
