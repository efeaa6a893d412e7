using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>Results and targets as JSON.</summary>
internal static class Wire
{
    /// <summary>A target of named texts; what is null is left out.</summary>
    public static JsonObject Target(EnvId environment, params ReadOnlySpan<(string Name, string? Value)> members)
    {
        var target = new JsonObject { ["environment_id"] = environment.ToString() };
        foreach (var (name, value) in members)
        {
            if (value is not null)
            {
                target[name] = value;
            }
        }

        return target;
    }

    /// <summary>An answer of a model's record.</summary>
    public static ChangeAnswer Answer<T>(T value, JsonTypeInfo<T> type) => ChangeAnswer.Of(JsonSerializer.SerializeToElement(value, type));

    /// <summary>An answer of an object.</summary>
    public static ChangeAnswer Answer(JsonObject value) => Answer(value, ContractJson.Default.JsonObject);

    /// <summary>A record as a node of an object.</summary>
    public static JsonNode? Node<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToNode(value, type);
}
