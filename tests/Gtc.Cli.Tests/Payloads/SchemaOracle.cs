using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gtc.Cli.Tests.Payloads;

/// <summary>An independent reading of the part of JSON Schema that payload schemas use.</summary>
internal static class SchemaOracle
{
    public static bool Accepts(JsonNode schema, JsonElement value, JsonNode root)
    {
        if (schema is JsonValue constant)
        {
            return constant.GetValue<bool>();
        }

        if (schema["$ref"] is { } reference)
        {
            return Accepts(Resolve(reference.GetValue<string>(), root), value, root);
        }

        return HasType(schema, value) && InRange(schema, value) && MembersFit(schema, value, root)
            && (schema["items"] is not { } items || value.ValueKind != JsonValueKind.Array || value.EnumerateArray().All(item => Accepts(items, item, root)));
    }

    private static JsonNode Resolve(string pointer, JsonNode root) =>
        pointer.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries).Aggregate(root, (node, name) => node[name]!);

    private static bool HasType(JsonNode schema, JsonElement value) => schema["type"]?.GetValue<string>() switch
    {
        null => true,
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && decimal.IsInteger(value.GetDecimal()),
        var other => throw new InvalidOperationException($"A type that payloads do not use: {other}"),
    };

    private static bool InRange(JsonNode schema, JsonElement value) =>
        value.ValueKind != JsonValueKind.Number
        || ((schema["minimum"] is not { } least || value.GetDecimal() >= least.GetValue<int>())
            && (schema["maximum"] is not { } most || value.GetDecimal() <= most.GetValue<uint>()));

    private static bool MembersFit(JsonNode schema, JsonElement value, JsonNode root)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return true;
        }

        var known = schema["properties"]?.AsObject();
        var others = schema["additionalProperties"];
        return value.EnumerateObject().All(member =>
                known?[member.Name] is { } inner ? Accepts(inner, member.Value, root) : others is null || Accepts(others, member.Value, root))
            && (schema["required"]?.AsArray() ?? []).All(name => value.TryGetProperty(name!.GetValue<string>(), out _));
    }
}
