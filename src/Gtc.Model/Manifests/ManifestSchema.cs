using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;

namespace Gtc.Model;

/// <summary>The published schema of manifests, made from the types that the parser uses, so that the two cannot disagree.</summary>
public static class ManifestSchema
{
    private static readonly Dictionary<(Type, string), ImmutableArray<string>> Words = new()
    {
        [(typeof(EnvManifest), "schema")] = [Schemas.EnvManifest],
        [(typeof(EnvManifest), "trust_root")] = [ManifestWords.Bootstrap],
        [(typeof(ManifestPack), "slot")] = ManifestWords.Slots,
        [(typeof(ManifestBundle), "status")] = ManifestWords.Statuses,
        [(typeof(ManifestCluster), "provider")] = ManifestWords.ClusterProviders,
        [(typeof(ManifestUpdates), "on_notify")] = ManifestWords.UpdateActions,
        [(typeof(ManifestVault), "deploy")] = ManifestWords.VaultModes,
    };

    /// <summary>JSON Schema draft 2020-12.</summary>
    public static JsonElement Export()
    {
        var node = AuthoredJson.Default.EnvManifest.GetJsonSchemaAsNode(new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = Narrow,
        }).AsObject();
        node.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        node.Insert(1, "title", Schemas.EnvManifest);
        using var parsed = JsonDocument.Parse(node.ToJsonString());
        return parsed.RootElement.Clone();
    }

    /// <summary>Says what the types alone do not: closed lists of words, and what free values must be.</summary>
    private static JsonNode Narrow(JsonSchemaExporterContext context, JsonNode node)
    {
        if (context.PropertyInfo is not { } property)
        {
            return node;
        }

        if (property.PropertyType == typeof(JsonElement))
        {
            return property.Name switch
            {
                "answers" => new JsonObject { ["type"] = "object" },
                "trust_did" => new JsonObject { ["type"] = new JsonArray("string", "null"), ["pattern"] = "^did:web:" },
                _ => node,
            };
        }

        if (node is JsonObject shape && Words.TryGetValue((property.DeclaringType, property.Name), out var words))
        {
            var list = new JsonArray([.. words.Select(word => (JsonNode)word)]);
            if (property.IsGetNullable)
            {
                list.Add(null);
            }

            shape["enum"] = list;
        }

        return node;
    }
}
