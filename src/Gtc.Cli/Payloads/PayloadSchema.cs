using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace Gtc.Cli.Payloads;

/// <summary>Writes the JSON Schema of a payload from the same metadata that the parser uses.</summary>
internal static class PayloadSchema
{
    /// <summary>The dialect.</summary>
    public const string Dialect = "https://json-schema.org/draft/2020-12/schema";

    /// <summary>Makes the schema.</summary>
    /// <param name="type">The payload's record.</param>
    /// <param name="title">What the payload is, e.g. <c>op env create</c>.</param>
    /// <param name="purposes">A sentence per dotted path.</param>
    public static JsonObject Of(JsonTypeInfo type, string title, IReadOnlyDictionary<string, string> purposes)
    {
        var options = new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, node) => Refine(context, node, purposes),
        };
        var body = type.GetJsonSchemaAsNode(options).AsObject();
        var schema = new JsonObject { ["$schema"] = Dialect, ["title"] = title };
        foreach (var (name, value) in body)
        {
            schema[name] = value?.DeepClone();
        }

        return schema;
    }

    private static JsonNode Refine(JsonSchemaExporterContext context, JsonNode node, IReadOnlyDictionary<string, string> purposes)
    {
        if (node is not JsonObject schema)
        {
            return node;
        }

        // Optional members may be left out, but a null is refused.
        if (schema["type"] is JsonArray types)
        {
            schema["type"] = types.Select(type => type!.GetValue<string>()).First(type => type != "null");
        }

        var value = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        if (value == typeof(uint) || value == typeof(ulong))
        {
            schema["minimum"] = 0;
        }

        if (value == typeof(uint))
        {
            schema["maximum"] = uint.MaxValue;
        }

        if (context.TypeInfo.Kind == JsonTypeInfoKind.Object)
        {
            schema["additionalProperties"] = false;
            schema["required"] ??= new JsonArray();
        }

        if (context.PropertyInfo is not null && purposes.TryGetValue(DottedPath(context.Path), out var purpose))
        {
            schema["description"] = purpose;
        }

        return schema;
    }

    private static string DottedPath(ReadOnlySpan<string> path)
    {
        var names = new List<string>();
        foreach (var part in path)
        {
            if (part is not ("properties" or "items" or "additionalProperties"))
            {
                names.Add(part);
            }
        }

        return string.Join('.', names);
    }
}
