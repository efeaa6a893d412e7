using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Gtc.Cli.Payloads;

namespace Gtc.Cli.Tests.Payloads;

public class Schema_and_parser_agree
{
    private static readonly JsonObject Schema = PayloadSchema.Of(FakeJson.Default.ThingPayload, "thing make", new Dictionary<string, string> { ["name"] = "what it is called" });

    [Fact]
    public void The_schema_is_strict_2020_12()
    {
        Schema["$schema"]!.GetValue<string>().ShouldBe("https://json-schema.org/draft/2020-12/schema");
        Schema["title"]!.GetValue<string>().ShouldBe("thing make");
        Schema["type"]!.GetValue<string>().ShouldBe("object");
        Schema["additionalProperties"]!.GetValue<bool>().ShouldBeFalse();
        Schema["required"]!.AsArray().Select(name => name!.GetValue<string>()).ShouldBe(["name", "size"]);
        Schema["properties"]!["name"]!.ToJsonString().ShouldBe("""{"type":"string","description":"what it is called"}""");
        Schema["properties"]!["parts"]!["items"]!["additionalProperties"]!.GetValue<bool>().ShouldBeFalse();
    }

    [Fact]
    public void On_every_value_that_is_nearly_a_payload()
    {
        Prop.ForAll(NearlyPayloads.ToArbitrary(), text =>
        {
            using var document = JsonDocument.Parse(text);
            var accepts = SchemaOracle.Accepts(Schema, document.RootElement, Schema);
            var read = PayloadReader.Read(document.RootElement, FakeJson.Default.ThingPayload, "example");
            read.IsOk.ShouldBe(accepts, $"{text}: {read.Refusal?.Message}");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000));
    }

    [Fact]
    public void An_unknown_member_is_refused_with_its_path_wherever_it_stands()
    {
        var paths = new[] { "", "part", "part.inner", "parts[1]" };
        foreach (var path in paths)
        {
            var payload = JsonNode.Parse("""{"name":"x","size":1,"part":{"label":"l","inner":{"label":"m"}},"parts":[{"label":"n"},{"label":"o"}]}""")!;
            var at = path switch { "" => payload, "part" => payload["part"]!, "part.inner" => payload["part"]!["inner"]!, _ => payload["parts"]![1]! };
            at["surprise"] = 1;
            using var document = JsonDocument.Parse(payload.ToJsonString());
            SchemaOracle.Accepts(Schema, document.RootElement, Schema).ShouldBeFalse();
            var refusal = PayloadReader.Read(document.RootElement, FakeJson.Default.ThingPayload, "example").Refusal.ShouldNotBeNull();
            refusal.Message.ShouldContain($"`{(path.Length == 0 ? "" : path + ".")}surprise` is not known here");
        }
    }

    private static Gen<string> NearlyPayloads
    {
        get
        {
            var leaf = Gen.Elements("\"x\"", "1", "0", "-1", "1.5", "4294967295", "4294967296", "true", "false", "null", "[]", "{}", "[\"a\"]", "[1]",
                "{\"label\":\"l\"}", "{\"label\":1}", "[{\"label\":\"l\"}]", "{\"label\":\"l\",\"inner\":{\"label\":\"m\"}}", "{\"label\":\"l\",\"inner\":{}}", "{\"p\":{\"k\":1}}", "{\"p\":1}");
            var name = Gen.Elements("environment_id", "name", "size", "count", "is_loud", "tags", "part", "parts", "settings", "surprise");
            var fitting = Gen.Elements("\"name\":\"x\"", "\"size\":1");
            return from required in fitting.ListOf(2).Select(list => list.Distinct())
                   from names in name.ListOf(3)
                   from values in leaf.ListOf(3)
                   let extra = names.Zip(values, (n, v) => (n, v)).DistinctBy(pair => pair.n).Where(pair => !required.Any(r => r.StartsWith($"\"{pair.n}\"", StringComparison.Ordinal)))
                   select $"{{{string.Join(',', required.Concat(extra.Select(pair => $"\"{pair.n}\":{pair.v}")))}}}";
        }
    }
}
