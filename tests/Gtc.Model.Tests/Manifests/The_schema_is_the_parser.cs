using System.Text.Json;

namespace Gtc.Model.Tests.Manifests;

public sealed class The_schema_is_the_parser
{
    [Fact]
    public void It_knows_every_section_and_forbids_the_rest()
    {
        var schema = ManifestSchema.Export();
        schema.GetProperty("$schema").GetString().ShouldBe("https://json-schema.org/draft/2020-12/schema");
        schema.GetProperty("required").EnumerateArray().Select(each => each.GetString()).ShouldBe(["schema", "environment"]);
        schema.GetProperty("properties").EnumerateObject().Select(each => each.Name).ShouldBe(
            ["schema", "environment", "trust_root", "secrets", "packs", "bundles", "extensions", "messaging_endpoints", "cluster", "updates", "vault_bootstrap"]);
        Closed(schema, "$").ShouldBeGreaterThan(14);
    }

    [Fact]
    public void It_lists_the_words_that_the_rules_list()
    {
        var properties = ManifestSchema.Export().GetProperty("properties");
        Words(properties.GetProperty("packs").GetProperty("items").GetProperty("properties").GetProperty("slot"))
            .ShouldBe(["deployer", "secrets", "telemetry", "sessions", "state", "revocation"]);
        Words(properties.GetProperty("bundles").GetProperty("items").GetProperty("properties").GetProperty("status")).ShouldBe(["active", "paused", "archived", null]);
        Words(properties.GetProperty("cluster").GetProperty("properties").GetProperty("provider")).ShouldBe(["kind"]);
    }

    private static IEnumerable<string?> Words(JsonElement property) => property.GetProperty("enum").EnumerateArray().Select(each => each.GetString());

    /// <summary>Counts the closed objects; one that has members and is open fails.</summary>
    private static int Closed(JsonElement node, string path)
    {
        if (node.ValueKind == JsonValueKind.Array)
        {
            return node.EnumerateArray().Sum(item => Closed(item, path));
        }

        if (node.ValueKind != JsonValueKind.Object)
        {
            return 0;
        }

        var own = 0;
        if (node.TryGetProperty("properties", out var members) && members.ValueKind == JsonValueKind.Object && !path.EndsWith(".properties", StringComparison.Ordinal))
        {
            node.GetProperty("additionalProperties").GetBoolean().ShouldBeFalse(path);
            own = 1;
        }

        return own + node.EnumerateObject().Sum(member => Closed(member.Value, $"{path}.{member.Name}"));
    }
}
