using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.RegularExpressions;

namespace Gtc.Store.Server;

/// <summary>The published description of the contract, OpenAPI 3.1, made from its table.</summary>
public static partial class OpenApiDocument
{
    /// <summary>Writes it.</summary>
    public static void Write(Utf8JsonWriter writer)
    {
        var paths = new JsonObject();
        foreach (var path in StoreContract.Routes.GroupBy(route => route.Path))
        {
            var operations = new JsonObject();
            foreach (var route in path)
            {
                operations[route.Method.ToLowerInvariant()] = Operation(route);
            }

            paths[path.Key] = operations;
        }

        new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject { ["title"] = "gtc store server", ["version"] = "1" },
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["securitySchemes"] = new JsonObject { ["bearer"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer" } },
                ["schemas"] = Schemas(),
            },
        }.WriteTo(writer);
    }

    private static JsonObject Schemas()
    {
        var schemas = new JsonObject { ["problem"] = ProblemSchema(), ["envelope"] = EnvelopeSchema() };
        foreach (var route in StoreContract.Routes.OfType<ChangeRoute>())
        {
            if (route.Body is { } body)
            {
                schemas[route.Operation] = Within(body.GetJsonSchemaAsNode(), Pointer(route.Operation));
            }
        }

        return schemas;
    }

    /// <summary>A schema by itself refers to its parts from its own root; as a part of this document, from the document's.</summary>
    private static JsonNode Within(JsonNode schema, string root)
    {
        foreach (var found in Referring(schema).ToList())
        {
            found["$ref"] = root + found["$ref"]!.GetValue<string>()[1..];
        }

        return schema;
    }

    private static IEnumerable<JsonObject> Referring(JsonNode? node) => node switch
    {
        JsonObject members => (members["$ref"] is JsonValue ? [members] : Enumerable.Empty<JsonObject>()).Concat(members.SelectMany(member => Referring(member.Value))),
        JsonArray items => items.SelectMany(Referring),
        _ => [],
    };

    private static string Pointer(string schema) => $"#/components/schemas/{schema}";

    private static JsonObject Reference(string schema) => new() { ["$ref"] = Pointer(schema) };

    private static JsonObject Operation(StoreRoute route)
    {
        var parameters = new JsonArray([.. Parameter().Matches(route.Path).Select(match => (JsonNode)Named("path", match.Groups[1].Value, "string", isRequired: true))]);
        var operation = new JsonObject
        {
            ["operationId"] = route.Operation,
            ["summary"] = route.Summary,
            ["security"] = new JsonArray(new JsonObject { ["bearer"] = new JsonArray() }),
            ["parameters"] = parameters,
        };
        var answer = new JsonObject { ["description"] = "the answer" };
        if (route is ReadRoute read)
        {
            foreach (var (name, meaning) in read.Query)
            {
                var parameter = Named("query", name, "string", isRequired: false);
                parameter["description"] = meaning;
                parameters.Add((JsonNode)parameter);
            }

            if (read.MediaType != Reply.JsonType)
            {
                answer["content"] = Bytes(read.MediaType);
            }
        }
        else if (route is UploadRoute)
        {
            parameters.Add((JsonNode)Named("header", "Content-Length", "integer", isRequired: true));
            parameters.Add((JsonNode)Named("header", "Content-Range", "string", isRequired: false));
            operation["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Bytes(ArtifactRoutes.MediaType) };
        }
        else if (route is ChangeRoute change)
        {
            parameters.Add((JsonNode)Named("header", "Idempotency-Key", "string", isRequired: true));
            if (change.Precondition != Precondition.Ignored)
            {
                parameters.Add((JsonNode)Named("header", "If-Match", "string", isRequired: change.Precondition == Precondition.Required));
            }

            if (change.Body is not null)
            {
                operation["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Content(Reference(route.Operation)) };
            }

            answer["content"] = Content(Reference("envelope"));
        }

        var responses = new JsonObject
        {
            ["200"] = answer,
            ["default"] = new JsonObject { ["description"] = "a problem", ["content"] = Content(Reference("problem")) },
        };
        if (route is UploadRoute)
        {
            answer["description"] = "the artifact was there";
            responses["201"] = new JsonObject { ["description"] = "the artifact is there now" };
            responses["202"] = new JsonObject { ["description"] = "the bytes are kept, more are to come" };
        }

        operation["responses"] = responses;
        return operation;
    }

    private static JsonObject Bytes(string mediaType) => new() { [mediaType] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "string", ["format"] = "binary" } } };

    private static JsonObject Content(JsonNode schema) => new() { ["application/json"] = new JsonObject { ["schema"] = schema } };

    private static JsonObject Named(string where, string name, string type, bool isRequired) =>
        new() { ["in"] = where, ["name"] = name, ["required"] = isRequired, ["schema"] = new JsonObject { ["type"] = type } };

    private static JsonObject ProblemSchema() => new()
    {
        ["type"] = "object",
        ["required"] = new JsonArray("kind"),
        ["properties"] = new JsonObject
        {
            ["kind"] = new JsonObject
            {
                ["enum"] = new JsonArray([.. ProblemKind.All.Select(kind => (JsonNode)kind.Name)]),
                ["description"] = string.Join(" ", ProblemKind.All.Select(kind => $"{kind.Name} ({kind.Status}): {kind.Meaning}")),
            },
        },
    };

    private static JsonObject EnvelopeSchema() => new()
    {
        ["type"] = "object",
        ["required"] = new JsonArray("result", "etag", "generation", "idempotency", "audit"),
        ["properties"] = new JsonObject
        {
            ["result"] = new JsonObject(),
            ["etag"] = new JsonObject { ["type"] = "string", ["pattern"] = "^[0-9a-f]{64}$" },
            ["generation"] = new JsonObject { ["type"] = "integer", ["minimum"] = 0 },
            ["idempotency"] = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject { ["idempotency"] = new JsonObject { ["enum"] = new JsonArray("applied", "replayed") } } },
            ["audit"] = new JsonObject { ["type"] = "object" },
        },
    };

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Parameter();
}
