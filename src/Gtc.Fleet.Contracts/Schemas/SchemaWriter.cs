using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Gtc.Fleet.Contracts;

/// <summary>Writes the structural schema of a type (OpenAPI v3 as <c>apiextensions.k8s.io/v1</c> takes it) from its JSON metadata and its <see cref="FieldAttribute"/>s.</summary>
internal static class SchemaWriter
{
    /// <summary>The schema of a resource: that of its spec and status, and the rule for its name.</summary>
    /// <param name="type">The resource.</param>
    /// <param name="description">What it is.</param>
    public static JsonObject OfResource(JsonTypeInfo type, string description)
    {
        var schema = OfObject(type);
        schema["description"] = description;
        var properties = schema["properties"]!.AsObject();
        properties["apiVersion"] = new JsonObject { ["type"] = "string", ["description"] = "Group and version." };
        properties["kind"] = new JsonObject { ["type"] = "string", ["description"] = "The kind." };

        // A rule for metadata.name is all that a schema may say of metadata. Servers of every age check it, which rules in CEL are not.
        properties["metadata"] = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { ["name"] = new JsonObject { ["type"] = "string", ["pattern"] = FleetName.Pattern, ["maxLength"] = FleetName.MaxLength } },
        };
        schema["required"] = new JsonArray([.. type.Properties.Where(IsDescribedAndRequired).Select(member => (JsonNode)member.Name)]);
        if (schema["required"]!.AsArray().Count == 0)
        {
            schema.Remove("required");
        }

        return schema;
    }

    private static bool IsDescribedAndRequired(JsonPropertyInfo member) => member.IsRequired && FieldOf(member) is not null;

    private static JsonObject OfObject(JsonTypeInfo type)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var member in type.Properties.Where(member => FieldOf(member) is not null))
        {
            properties[member.Name] = OfMember(member, FieldOf(member)!);
            if (member.IsRequired)
            {
                required.Add((JsonNode)member.Name);
            }
        }

        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties };
        if (required.Count > 0)
        {
            schema["required"] = required;
        }

        return schema;
    }

    private static JsonObject OfMember(JsonPropertyInfo member, FieldAttribute field)
    {
        var schema = OfType(member.Options.GetTypeInfo(member.PropertyType));
        schema.Insert(0, "description", field.Description);
        Add(schema, "pattern", field.Pattern);
        Add(schema, "maxLength", field.MaxLength);
        Add(schema, "minItems", field.MinItems);
        Add(schema, "maxItems", field.MaxItems);
        Add(schema, "minProperties", field.MinProperties);
        Add(schema, "maxProperties", field.MaxProperties);
        Add(schema, "minimum", field.Minimum);
        Add(schema, "maximum", field.Maximum);
        if (field.Words is { } words)
        {
            schema["enum"] = new JsonArray([.. words.Split(',').Select(word => (JsonNode)word)]);
        }

        if (field.Default is { } fallback)
        {
            schema["default"] = JsonNode.Parse(fallback);
        }

        if (field.ListKey is { } key)
        {
            schema["x-kubernetes-list-type"] = "map";
            schema["x-kubernetes-list-map-keys"] = new JsonArray(key);
        }

        if (field.KeepsUnknown)
        {
            schema["x-kubernetes-preserve-unknown-fields"] = true;
        }

        return schema;
    }

    private static JsonObject OfType(JsonTypeInfo type)
    {
        var plain = Nullable.GetUnderlyingType(type.Type) ?? type.Type;
        type = plain == type.Type ? type : type.Options.GetTypeInfo(plain);
        return type.Kind switch
        {
            JsonTypeInfoKind.Object => OfObject(type),
            JsonTypeInfoKind.Enumerable => new JsonObject { ["type"] = "array", ["items"] = OfType(type.Options.GetTypeInfo(type.ElementType!)) },
            JsonTypeInfoKind.Dictionary => new JsonObject { ["type"] = "object", ["additionalProperties"] = OfType(type.Options.GetTypeInfo(type.ElementType!)) },
            _ when plain == typeof(string) || plain.IsEnum => new JsonObject { ["type"] = "string" },
            _ when plain == typeof(bool) => new JsonObject { ["type"] = "boolean" },
            _ when plain == typeof(int) => new JsonObject { ["type"] = "integer", ["format"] = "int32" },
            _ when plain == typeof(long) => new JsonObject { ["type"] = "integer", ["format"] = "int64" },
            _ when plain == typeof(double) => new JsonObject { ["type"] = "number" },
            _ when plain == typeof(DateTimeOffset) => new JsonObject { ["type"] = "string", ["format"] = "date-time" },
            _ when plain == typeof(IntOrPercent) => new JsonObject
            {
                ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" }),
                ["x-kubernetes-int-or-string"] = true,
            },
            _ => throw new InvalidOperationException($"{type.Type} has no place in a resource."),
        };
    }

    private static FieldAttribute? FieldOf(JsonPropertyInfo member) =>
        member.AttributeProvider?.GetCustomAttributes(typeof(FieldAttribute), inherit: false) is [FieldAttribute field, ..] ? field : null;

    private static void Add(JsonObject schema, string name, string? value)
    {
        if (value is not null)
        {
            schema[name] = value;
        }
    }

    private static void Add(JsonObject schema, string name, int value)
    {
        if (value >= 0)
        {
            schema[name] = value;
        }
    }

    private static void Add(JsonObject schema, string name, double value)
    {
        if (!double.IsNaN(value))
        {
            schema[name] = (long)value;
        }
    }
}
