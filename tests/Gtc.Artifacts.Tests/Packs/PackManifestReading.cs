using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Artifacts.Cbor;
using Gtc.Artifacts.Packs;
using Gtc.Model;

namespace Gtc.Artifacts.Tests.Packs;

public sealed class PackManifestReading
{
    private static readonly Func<string, Outcome<byte[]>> NoMembers = name => new Refusal.Missing($"no {name}");

    [Theory]
    [InlineData("msg-event-app", "helpdesk-bot", 2, 0)]
    [InlineData("perf-smoke-pack", "perf.smoke.pack", 1, 0)]
    [InlineData("quickstart-app", "quickstart-app", 2, 2)]
    [InlineData("telegram-quickstart", "quickstart-demo", 1, 1)]
    [InlineData("templates-pack", "templates-pack", 1, 1)]
    [InlineData("messaging-telegram", "messaging-telegram", 0, 2)]
    public void A_real_manifest_survives_cbor_and_is_understood(string name, string packId, int flows, int components)
    {
        var json = JsonElement.Parse(Upstream.Bytes($"decoded/{name}.manifest.json"));
        var cbor = CborDocument.Write(json, sortKeys: false);

        JsonElement.DeepEquals(CborDocument.Read(cbor, name).Value, json).ShouldBeTrue();
        var manifest = PackManifestReader.Read(cbor, NoMembers).Value;
        manifest.PackId.ShouldBe(packId);
        manifest.Flows.Length.ShouldBe(flows);
        manifest.Components.Length.ShouldBe(components);
        manifest.Form.ShouldBe(PackManifestForm.PackV1);
    }

    [Fact]
    [Trait("fact", "bundle-format:5.4")]
    public void The_smallest_real_pack_has_one_empty_flow()
    {
        var manifest = Decoded("perf-smoke-pack");

        (manifest.PackId, manifest.Version).ShouldBe(("perf.smoke.pack", "0.1.0"));
        var flow = manifest.Flows.ShouldHaveSingleItem();
        flow.Id.ShouldBe("main");
        flow.Nodes.ShouldBeEmpty();
        flow.Entrypoints.ShouldBeEmpty();
        flow.IsEntry.ShouldBeTrue();
    }

    [Fact]
    [Trait("fact", "bundle-format:5.5")]
    public void The_templates_pack_sends_a_text_through_its_component()
    {
        var manifest = Decoded("templates-pack");

        manifest.Components.ShouldHaveSingleItem().Id.ShouldBe("ai.greentic.component-templates");
        var flow = manifest.Flows.ShouldHaveSingleItem();
        flow.Id.ShouldBe("render");
        flow.Entrypoints["default"].ShouldBe("render");
        var node = flow.Nodes.ShouldHaveSingleItem();
        node.Input.GetProperty("input").GetString().ShouldBe("M3 hello from templates");
        node.Input.GetProperty("operation").GetString().ShouldBe("messaging.send");
        node.Operation.ShouldBeNull();
        node.Routing.ShouldBeOfType<FlowRouting.Finish>();
    }

    [Fact]
    [Trait("fact", "bundle-format:5.6")]
    public void The_quickstart_app_runs_its_component_through_the_built_in()
    {
        var node = Decoded("quickstart-app").Flows.SelectMany(flow => flow.Nodes).Single(node => node.Id == "extract_event");

        node.ComponentId.ShouldBe("component.exec");
        node.Input.GetProperty("component").GetString().ShouldBe("component-msg2events");
        node.Routing.ShouldBeOfType<FlowRouting.Custom>().Routes[0].GetProperty("next").GetString().ShouldBe("echo_result");
    }

    [Fact]
    public void A_provider_pack_declares_its_provider_and_its_secret()
    {
        var manifest = Decoded("messaging-telegram");

        var provider = manifest.Providers.ShouldHaveSingleItem();
        (provider.Type, provider.ComponentId, provider.Export).ShouldBe(("messaging.telegram.bot", "messaging-provider-telegram", "schema-core-api"));
        provider.Operations.ShouldContain("ingest_http");
        manifest.SecretRequirements.ShouldHaveSingleItem().ShouldBe(
            new SecretRequirement("TELEGRAM_BOT_TOKEN", true, "Telegram bot token used for sendMessage requests."));
        manifest.Components.Select(component => component.Id).ShouldBe(["messaging-ingress-telegram", "messaging-provider-telegram"]);
    }

    [Fact]
    [Trait("fact", "bundle-format:5.9")]
    public void An_index_outside_its_table_is_refused_with_both_names()
    {
        var json = JsonNode.Parse(Upstream.Bytes("decoded/quickstart-app.manifest.json"))!;
        json["flows"]![0]!["flow"]!["nodes"]![0]!["component"]!["id"] = 99;

        var refusal = Read(json.ToJsonString()).Refusal.ShouldBeOfType<Refusal.MalformedArtifact>();

        refusal.Message.ShouldContain("invalid symbol index 99 in component_ids");
        refusal.Message.ShouldContain("flows[0].flow.nodes[0].component.id");
    }

    [Theory]
    [InlineData("\"pack_id\":0", "invalid symbol index 0 in pack_ids")]
    [InlineData("\"pack_id\":-1", "pack_id must be an index into pack_ids or text, found -1")]
    [InlineData("\"pack_id\":18446744073709551615", "invalid symbol index 18446744073709551615 in pack_ids")]
    [InlineData("\"pack_id\":null", "pack_id is missing")]
    [InlineData("\"pack_id\":\"p\",\"flows\":{}", "flows must be a list")]
    [InlineData("\"pack_id\":\"p\",\"components\":[{\"id\":true,\"version\":\"1\"}]", "components[0].id must be an index into component_ids or text")]
    [InlineData("\"pack_id\":\"p\",\"dependencies\":[{\"alias\":\"a\",\"pack_id\":7,\"version_req\":\"*\"}]", "invalid symbol index 7 in pack_ids")]
    [InlineData("\"pack_id\":\"p\",\"capabilities\":[{\"name\":1}]", "invalid symbol index 1 in capability_names")]
    public void A_manifest_that_is_wrong_says_where(string members, string message)
        => Read($$"""{"schema_version":"pack-v1","version":"1","kind":"library","publisher":"x",{{members}}}""").Refusal!.Message.ShouldContain(message);

    [Fact]
    public void Literal_ids_and_absent_tables_are_accepted()
    {
        var manifest = Read("""
            {"schema_version":"pack-v1","pack_id":"p","version":"1","kind":"library","publisher":"x","symbols":{"node_ids":null},
             "dependencies":[{"alias":"a","pack_id":"other","version_req":"*","required_capabilities":["c"]}],"capabilities":[{"name":"c"}],
             "flows":[{"id":"f","kind":"job","flow":{"id":"f","kind":"job","nodes":[
               {"id":"n","component":{"id":"emit.response","pack_alias":null},"input":{"mapping":null},"routing":{"Next":{"node_id":"n"}},"err_map":null}]}}]}
            """).Value;

        manifest.Dependencies.ShouldHaveSingleItem().RequiredCapabilities.ShouldBe(["c"]);
        var node = manifest.Flows[0].Nodes[0];
        (node.Id, node.ComponentId, node.Input.ValueKind).ShouldBe(("n", "emit.response", JsonValueKind.Null));
        node.Routing.ShouldBe(new FlowRouting.Always("n"));
        manifest.Symbols.NodeIds.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("\"End\"", "Finish")]
    [InlineData("\"end\"", "Finish")]
    [InlineData("\"Reply\"", "Reply")]
    [InlineData("\"reply\"", "Reply")]
    [InlineData("null", "Finish")]
    [InlineData("{\"Next\":{\"node_id\":0}}", "Always")]
    [InlineData("{\"next\":{\"node_id\":\"a\"}}", "Always")]
    [InlineData("{\"Branch\":{\"on_status\":{\"ok\":0},\"default\":null}}", "Branch")]
    [InlineData("{\"branch\":{\"on_status\":{\"ok\":\"a\"},\"default\":\"a\"}}", "Branch")]
    [InlineData("{\"Custom\":[]}", "Custom")]
    [InlineData("{\"custom\":7}", "Custom")]
    [InlineData("\"Nowhere\"", null)]
    [InlineData("{\"Next\":{}}", null)]
    [InlineData("{\"Next\":{\"node_id\":1}}", null)]
    [InlineData("{\"Branch\":{\"on_status\":{\"ok\":1}}}", null)]
    [InlineData("[]", null)]
    public void Routing_is_read_in_both_spellings(string routing, string? kind)
    {
        var read = Read(Flow($$"""[{"id":0,"component":{"id":"emit.log"},"routing":{{routing}}}]"""));

        (read.IsOk ? read.Value.Flows[0].Nodes[0].Routing.GetType().Name : null).ShouldBe(kind);
    }

    [Fact]
    public void A_node_id_may_not_occur_twice_in_a_flow()
        => Read(Flow("""[{"id":0,"component":{"id":"c"}},{"id":"a","component":{"id":"c"}}]""")).Refusal!.Message.ShouldContain("holds node a twice");

    internal static string Flow(string nodes) => $$$"""
        {"schema_version":"pack-v1","pack_id":"p","version":"1","kind":"library","publisher":"x","symbols":{"node_ids":["a"]},
         "flows":[{"id":"f","kind":"job","flow":{"id":"f","kind":"job","nodes":{{{nodes}}}}}]}
        """;

    private static PackManifest Decoded(string name) => Read(System.Text.Encoding.UTF8.GetString(Upstream.Bytes($"decoded/{name}.manifest.json"))).Value;

    private static Outcome<PackManifest> Read(string json) => PackManifestReader.Read(Zips.Manifest(json), NoMembers);
}
