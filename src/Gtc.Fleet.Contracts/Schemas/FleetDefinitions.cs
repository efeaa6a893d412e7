using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Gtc.Fleet.Contracts;

/// <summary>The definitions of the custom resources (<c>apiextensions.k8s.io/v1</c>), made from the C# types that read and write them.</summary>
public static class FleetDefinitions
{
    /// <summary>The definition of <see cref="FleetDeployment"/>.</summary>
    public static JsonElement Deployment() => Definition(
        new("Deployment", "deployments", "fdep", "Namespaced"),
        ResourceJson.Default.FleetDeployment,
        "Containers for every device of a fleet whose labels match, and what became of them.",
        [
            Column("Matched", ".status.aggregate.matchedDeviceCount", "integer"),
            Column("Succeeded", ".status.aggregate.succeeded", "integer"),
            Column("Failed", ".status.aggregate.failed", "integer"),
            Column("Pending", ".status.aggregate.pending", "integer"),
            Column("Available", ".status.conditions[?(@.type==\"Available\")].status", "string"),
            Column("Last-Error", ".status.aggregate.lastError.message", "string", priority: 1),
            Column("Age", ".metadata.creationTimestamp", "date"),
        ]);

    /// <summary>The definition of <see cref="FleetDevice"/>.</summary>
    public static JsonElement Device() => Definition(
        new("Device", "devices", "fdev", "Cluster"),
        ResourceJson.Default.FleetDevice,
        "A device of a fleet. The operator makes it of what the device says about itself; labels that people add count for selectors as well.",
        [
            Column("Reachable", ".status.conditions[?(@.type==\"Reachable\")].status", "string"),
            Column("Arch", ".spec.inventory.arch", "string"),
            Column("OS", ".spec.inventory.os", "string"),
            Column("Agent", ".spec.inventory.agentVersion", "string"),
            Column("Age", ".metadata.creationTimestamp", "date"),
        ]);

    private static JsonElement Definition(ResourceNames names, JsonTypeInfo type, string description, JsonArray columns)
    {
        var definition = new JsonObject
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = new JsonObject { ["name"] = $"{names.Plural}.{FleetApi.Group}" },
            ["spec"] = new JsonObject
            {
                ["group"] = FleetApi.Group,
                ["names"] = new JsonObject
                {
                    ["kind"] = names.Kind,
                    ["listKind"] = $"{names.Kind}List",
                    ["plural"] = names.Plural,
                    ["singular"] = names.Kind.ToLowerInvariant(),
                    ["shortNames"] = new JsonArray(names.ShortName),
                    ["categories"] = new JsonArray("fleet"),
                },
                ["scope"] = names.Scope,
                ["preserveUnknownFields"] = false,
                ["versions"] = new JsonArray(new JsonObject
                {
                    ["name"] = FleetApi.Version,
                    ["served"] = true,
                    ["storage"] = true,
                    ["schema"] = new JsonObject { ["openAPIV3Schema"] = SchemaWriter.OfResource(type, description) },
                    ["subresources"] = new JsonObject { ["status"] = new JsonObject() },
                    ["additionalPrinterColumns"] = columns,
                }),
            },
        };
        using var document = JsonDocument.Parse(definition.ToJsonString());
        return document.RootElement.Clone();
    }

    private static JsonObject Column(string name, string path, string type, int priority = 0)
    {
        var column = new JsonObject { ["name"] = name, ["type"] = type, ["jsonPath"] = path };
        if (priority > 0)
        {
            column["priority"] = priority;
        }

        return column;
    }

    private sealed record ResourceNames(string Kind, string Plural, string ShortName, string Scope);
}
