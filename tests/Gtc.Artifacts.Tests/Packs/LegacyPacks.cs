using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Artifacts.Cbor;
using Gtc.Artifacts.Packs;

namespace Gtc.Artifacts.Tests.Packs;

public sealed class LegacyPacks
{
    private const string Body = """
        {"id":"qa","kind":"messaging","entrypoints":{"default":"start"},"metadata":{"title":"Q"},
         "nodes":{"start":{"component":{"id":"emit.response"},"input":{"mapping":{"text":"hi"}},"routing":"end"}}}
        """;

    [Fact]
    [Trait("fact", "bundle-format:5.8")]
    public void A_manifest_that_begins_with_the_self_describe_tag_is_read_as_legacy()
    {
        var cbor = Tagged();
        cbor.AsSpan(0, 3).ToArray().ShouldBe([0xd9, 0xd9, 0xf7]);

        using var pack = Zips.Open(Zips.Of((PackFile.ManifestMember, cbor), ("flows/qa/flow.json", Encoding.UTF8.GetBytes(Body)))).Value;

        pack.Manifest.Form.ShouldBe(PackManifestForm.Legacy);
        (pack.Manifest.PackId, pack.Manifest.Publisher).ShouldBe(("ai.greentic.runner.example", "Greentic"));
        var flow = pack.Manifest.Flows.ShouldHaveSingleItem();
        (flow.Id, flow.Kind, flow.Title, flow.IsEntry).ShouldBe(("qa", "messaging", "Q", true));
        flow.Nodes.ShouldHaveSingleItem().ComponentId.ShouldBe("emit.response");
        pack.Manifest.Components.ShouldHaveSingleItem().Id.ShouldBe("demo.component");
    }

    [Fact]
    public void A_legacy_pack_without_the_body_of_a_flow_is_refused_with_both_reasons()
    {
        var refusal = PackManifestReader.Read(Tagged(), name => new Model.Refusal.Missing($"the pack has no member {name}")).Refusal!;

        refusal.Message.ShouldContain("schema_version is missing");
        refusal.Details.ShouldHaveSingleItem().Value.ShouldContain("flow qa cannot be loaded: the pack has no member flows/qa/flow.json");
    }

    private static byte[] Tagged()
    {
        var json = JsonNode.Parse(Upstream.Bytes("decoded/legacy-runner-demo.manifest.json"))!["@tag55799"]!;
        return [0xd9, 0xd9, 0xf7, .. CborDocument.Write(JsonElement.Parse(json.ToJsonString()), sortKeys: false)];
    }
}
