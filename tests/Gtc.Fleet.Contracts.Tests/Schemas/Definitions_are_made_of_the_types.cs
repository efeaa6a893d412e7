using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gtc.Fleet.Contracts.Tests.Schemas;

public class Definitions_are_made_of_the_types
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A change of a definition is a change for every cluster, so it has to be seen. GTC_WRITE_SCHEMAS=1 writes the files anew.</summary>
    [Theory]
    [InlineData("deployment")]
    [InlineData("device")]
    public void Definitions_are_pinned(string name)
    {
        var definition = JsonSerializer.Serialize(name == "device" ? FleetDefinitions.Device() : FleetDefinitions.Deployment(), Indented) + "\n";
        var file = Path.Combine(Here(), $"{name}.crd.json");
        if (Environment.GetEnvironmentVariable("GTC_WRITE_SCHEMAS") == "1")
        {
            File.WriteAllText(file, definition);
        }

        File.ReadAllText(file).ShouldBe(definition);
    }

    [Fact]
    public void Every_field_has_a_description()
    {
        foreach (var definition in new[] { FleetDefinitions.Deployment(), FleetDefinitions.Device() })
        {
            var schema = definition.GetProperty("spec").GetProperty("versions")[0].GetProperty("schema").GetProperty("openAPIV3Schema");
            var fields = new List<string>();
            Walk(schema, "", fields);
            fields.ShouldNotContain(field => field.EndsWith(" lacks a description", StringComparison.Ordinal));
            fields.Count.ShouldBeGreaterThan(15);
        }
    }

    /// <summary>A member that the reader knows and the definition does not would be pruned by the API server before anybody sees it.</summary>
    [Fact]
    public void Everything_that_a_resource_can_say_is_in_its_definition()
    {
        var resource = JsonDocument.Parse(Resources.Deployments_are_read_and_checked.Full).RootElement;
        var schema = FleetDefinitions.Deployment().GetProperty("spec").GetProperty("versions")[0].GetProperty("schema").GetProperty("openAPIV3Schema");

        Unknown(resource.GetProperty("spec"), schema.GetProperty("properties").GetProperty("spec"), "spec").ShouldBeEmpty();
        Unknown(resource.GetProperty("status"), schema.GetProperty("properties").GetProperty("status"), "status").ShouldBeEmpty();
    }

    private static IEnumerable<string> Unknown(JsonElement value, JsonElement schema, string path) => value.ValueKind switch
    {
        JsonValueKind.Object when schema.TryGetProperty("properties", out var properties) => value.EnumerateObject().SelectMany(member =>
            properties.TryGetProperty(member.Name, out var known) ? Unknown(member.Value, known, $"{path}.{member.Name}") : [$"{path}.{member.Name}"]),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(item => Unknown(item, schema.GetProperty("items"), path)),
        _ => [],
    };

    private static void Walk(JsonElement schema, string path, List<string> fields)
    {
        if (schema.TryGetProperty("properties", out var properties))
        {
            foreach (var member in properties.EnumerateObject().Where(member => path.Length > 0 || member.Name != "metadata"))
            {
                var isDescribed = member.Value.TryGetProperty("description", out var text) && text.GetString() is { Length: > 10 } or "The kind.";
                fields.Add($"{path}.{member.Name}{(isDescribed ? "" : " lacks a description")}");
                Walk(member.Value, $"{path}.{member.Name}", fields);
            }
        }

        if (schema.TryGetProperty("items", out var items))
        {
            Walk(items, path + "[]", fields);
        }
    }

    private static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
