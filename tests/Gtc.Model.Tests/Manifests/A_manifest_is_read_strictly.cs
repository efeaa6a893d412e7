using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gtc.Model.Tests.Manifests;

public sealed class A_manifest_is_read_strictly
{
    [Fact]
    public void A_whole_one_is_accepted_and_keeps_its_digest_however_it_is_written()
    {
        var manifest = Gtc.Model.Manifests.Parse(ManifestText.Bytes(ManifestText.Full)).Value;
        var again = Gtc.Model.Manifests.Parse(ManifestText.Bytes(Gtc.Model.Manifests.ToElement(manifest).GetRawText())).Value;
        Gtc.Model.Manifests.Digest(again).ShouldBe(Gtc.Model.Manifests.Digest(manifest));
        again.Updates!.TrustDid.ValueKind.ShouldBe(JsonValueKind.Null);
        again.Packs!.Value[1].Answers.ValueKind.ShouldBe(JsonValueKind.Undefined);
    }

    [Fact]
    [Trait("fact", "op-cli:23.11")]
    public void An_unknown_member_is_named_with_its_path()
    {
        var refusal = ManifestText.Refusal(root => root["bundles"]![0]!["bundel_path"] = "x").ShouldBeOfType<Refusal.UnreadableAnswers>();
        refusal.Message.ShouldContain("bundel_path");
        refusal.Message.ShouldContain("$.bundles[0]");
        refusal.Message.ShouldNotContain("Gtc.Model");
    }

    [Fact]
    public void A_missing_member_a_wrong_type_and_a_null_item_are_named()
    {
        ManifestText.Refusal(root => root["packs"]![0]!.AsObject().Remove("kind")).ShouldBeOfType<Refusal.UnreadableAnswers>().Message.ShouldContain("'kind'");
        ManifestText.Refusal(root => root["packs"]![0]!["kind"] = 5).ShouldBeOfType<Refusal.UnreadableAnswers>().Message.ShouldContain("$.packs[0].kind");
        ManifestText.Refusal(root => root["packs"]!.AsArray().Add((JsonNode?)null)).ShouldBeOfType<Refusal.UnreadableAnswers>().Message.ShouldContain("$.packs[2]");
        ManifestText.Refusal(root => root["bundles"]![0]!["config_overrides"]!["app"] = null).ShouldBeOfType<Refusal.UnreadableAnswers>().Message.ShouldContain("config_overrides.app");
    }

    [Theory]
    [Trait("fact", "op-cli:23.12")]
    [InlineData(90, 20, "bundles[0].revisions")]
    [InlineData(90, null, "bundles[0].revisions[1].weight_bps")]
    public void Weights_are_whole_and_complete(int blue, int? green, string at)
    {
        var refusal = ManifestText.Refusal(root =>
        {
            var revisions = root["bundles"]![0]!["revisions"]!;
            revisions[0]!["weight_percent"] = blue;
            revisions[1]!["weight_percent"] = green;
        });
        refusal.ShouldBeOfType<Refusal.InvalidArgument>().Details.ShouldBe([new RefusalDetail("at", at)]);
    }

    [Fact]
    [Trait("fact", "op-cli:23.12")]
    public void Without_weights_the_floors_are_equal_and_the_first_gets_the_rest()
    {
        var manifest = Gtc.Model.Manifests.Parse(ManifestText.With(root => root["bundles"]![0]!["revisions"] =
            JsonNode.Parse("""[{"name":"a","bundle_path":"a"},{"name":"b","bundle_path":"b"},{"name":"c","bundle_path":"c"}]"""))).Value;
        ManifestWeights.Resolve(manifest.Bundles!.Value[0].Revisions!.Value).ShouldBe([3334u, 3333u, 3333u]);
    }

    [Theory]
    [Trait("fact", "op-cli:23.13")]
    [InlineData("acme/default/p/n", false)]
    [InlineData("acme/Default/p/n", false)]
    [InlineData("acme/_/p/n", true)]
    [InlineData("/acme/_/p/n", true)]
    [InlineData("acme/_/p/Bad", false)]
    [InlineData("acme/_/p/a__b", false)]
    [InlineData("acme/_/p/_a", false)]
    [InlineData("acme/_/n", false)]
    [InlineData("acme//p/n", false)]
    [InlineData("acme/_/../n", false)]
    public void A_secret_path_has_four_canonical_segments(string path, bool isAccepted)
    {
        var refusal = ManifestText.Refusal(root => root["secrets"]![0]!["path"] = path);
        (refusal is null).ShouldBe(isAccepted);
        refusal?.Message.ShouldContain("secrets[0].path");
    }

    [Theory]
    [Trait("fact", "op-cli:23.18")]
    [InlineData("poll_interval_secs", "59", false)]
    [InlineData("poll_interval_secs", "60", true)]
    [InlineData("plan_endpoint", "\"http://updates.test\"", false)]
    [InlineData("plan_endpoint", "\"http://127.0.0.1:9\"", true)]
    [InlineData("plan_endpoint", "\"http://localhost:9\"", true)]
    [InlineData("plan_endpoint", "\"updates\"", false)]
    [InlineData("stream_endpoint", "\"ftp://updates.test\"", false)]
    [InlineData("on_notify", "\"later\"", false)]
    [InlineData("trust_did", "\"did:web:a.test\"", true)]
    [InlineData("trust_did", "5", false)]
    public void Updates_come_over_safe_ways_only(string member, string json, bool isAccepted) =>
        (ManifestText.Refusal(root => root["updates"]![member] = JsonNode.Parse(json)) is null).ShouldBe(isAccepted);

    [Fact]
    [Trait("fact", "op-cli:23.19")]
    public void Vault_bootstrap_excludes_secrets()
    {
        var vault = JsonNode.Parse("""{"deploy":"external","seed":[{"path":"acme/_/p/n"}]}""");
        ManifestText.Refusal(root => root["vault_bootstrap"] = vault!.DeepClone()).ShouldBeOfType<Refusal.InvalidArgument>().Message.ShouldContain("vault_bootstrap");
        ManifestText.Refusal(root =>
        {
            root["vault_bootstrap"] = vault!.DeepClone();
            root.AsObject().Remove("secrets");
        }).ShouldBeNull();
    }

    [Fact]
    [Trait("fact", "op-cli:23.20")]
    public void A_slot_stands_once_and_answers_come_one_way()
    {
        ManifestText.Refusal(root => root["packs"]![1]!["slot"] = "deployer").ShouldBeOfType<Refusal.InvalidArgument>().Message.ShouldContain("packs[1].slot");
        ManifestText.Refusal(root => root["packs"]![1]!["slot"] = "messaging").ShouldBeOfType<Refusal.InvalidArgument>().Message.ShouldContain("packs[1].slot");
        ManifestText.Refusal(root => root["packs"]![0]!["answers_ref"] = "x").ShouldBeOfType<Refusal.InvalidArgument>().Message.ShouldContain("packs[0].answers");
    }

    [Theory]
    [InlineData("schema", "\"x\"", "schema")]
    [InlineData("environment.id", "\"../x\"", "environment.id")]
    [InlineData("environment.public_base_url", "\"https://a/x\"", "environment.public_base_url")]
    [InlineData("environment.listen_addr", "\"host:1\"", "environment.listen_addr")]
    [InlineData("trust_root", "\"other\"", "trust_root")]
    [InlineData("packs.0.kind", "\"k8s@1.0.0\"", "packs[0].kind")]
    [InlineData("packs.0.pack_ref", "\" \"", "packs[0].pack_ref")]
    [InlineData("packs.0.answers", "[]", "packs[0].answers")]
    [InlineData("extensions.0.instance_id", "\"EU\"", "extensions[0].instance_id")]
    [InlineData("bundles.0.bundle_id", "\"../x\"", "bundles[0].bundle_id")]
    [InlineData("bundles.0.customer_id", "null", "bundles[0].customer_id")]
    [InlineData("bundles.0.status", "\"on\"", "bundles[0].status")]
    [InlineData("bundles.0.bundle_path", "\"x\"", "bundles[0].bundle_path")]
    [InlineData("bundles.0.bundle_source_uri", "\"oci://x/y\"", "bundles[0].bundle_source_uri")]
    [InlineData("bundles.0.revisions", "[]", "bundles[0].revisions")]
    [InlineData("bundles.0.revisions.1.name", "\"blue\"", "bundles[0].revisions[1].name")]
    [InlineData("bundles.0.revisions.0.weight_bps", "1", "bundles[0].revisions[0].weight_bps")]
    [InlineData("bundles.0.revenue_share.0.basis_points", "4001", "bundles[0].revenue_share")]
    [InlineData("bundles.0.revenue_share.1.party_id", "\"a\"", "bundles[0].revenue_share[1].party_id")]
    [InlineData("bundles.0.route_binding.path_prefixes.0", "\"x\"", "bundles[0].route_binding.path_prefixes[0]")]
    [InlineData("bundles.0.route_binding", "{\"tenant_selector\":{\"tenant\":\"a\"}}", "bundles[0].route_binding.tenant_selector")]
    [InlineData("bundles.1.bundle_id", "\"helpdesk\"", "bundles[1].bundle_id")]
    [InlineData("bundles.1.bundle_source_uri", "\"ghcr.io/x\"", "bundles[1].bundle_source_uri")]
    [InlineData("bundles.1.bundle_source_uri", "null", "bundles[1]")]
    [InlineData("bundles.1.bundle_digest", "\"sha256:00\"", "bundles[1].bundle_digest")]
    [InlineData("messaging_endpoints.0.links", "[]", "messaging_endpoints[0].welcome_flow.bundle_id")]
    [InlineData("messaging_endpoints.0.links", "[\"helpdesk\",\"helpdesk\"]", "messaging_endpoints[0].links[1]")]
    [InlineData("messaging_endpoints.0.secret_refs.0", "\"secret://prod/x\"", "messaging_endpoints[0].secret_refs[0]")]
    [InlineData("cluster.provider", "\"k3d\"", "cluster.provider")]
    [InlineData("cluster.name", "\" \"", "cluster.name")]
    [InlineData("cluster.load_images.0", "\"\"", "cluster.load_images[0]")]
    public void A_broken_rule_is_an_invalid_argument_that_names_the_field(string path, string json, string at)
    {
        var refusal = ManifestText.Refusal(root => Set(root, path.Split('.'), JsonNode.Parse(json)));
        refusal.ShouldBeOfType<Refusal.InvalidArgument>().Details.ShouldBe([new RefusalDetail("at", at)]);
    }

    [Fact]
    public void Size_depth_and_text_are_bounded()
    {
        Gtc.Model.Manifests.Parse(new byte[(4 << 20) + 1]).Refusal.ShouldBeOfType<Refusal.UnreadableAnswers>();
        Gtc.Model.Manifests.Parse(ManifestText.Bytes(new string('[', 100))).Refusal.ShouldBeOfType<Refusal.UnreadableAnswers>();
        Gtc.Model.Manifests.Parse([0xFF, 0xFE]).Refusal.ShouldBeOfType<Refusal.UnreadableAnswers>();
        Gtc.Model.Manifests.Parse("null"u8).Refusal.ShouldBeOfType<Refusal.UnreadableAnswers>();
    }

    private static void Set(JsonNode root, string[] path, JsonNode? value)
    {
        var node = path[..^1].Aggregate(root, (at, step) => int.TryParse(step, out var index) ? at[index]! : at[step]!);
        if (int.TryParse(path[^1], out var last))
        {
            node[last] = value;
        }
        else
        {
            node[path[^1]] = value;
        }
    }
}
