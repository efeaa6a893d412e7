using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Gtc.Artifacts.Building;
using Gtc.Artifacts.Bundles;
using Gtc.Artifacts.Packs;
using Gtc.Artifacts.Tests.Bundles;
using Gtc.Model;

namespace Gtc.Artifacts.Tests.Building;

public sealed class BundleBuilding
{
    [Fact]
    public async Task A_source_becomes_exactly_these_files()
    {
        using var source = Sources.Full();

        var tree = await Plan(source);

        tree.BundleId.ShouldBe("b");
        tree.Members.Select(member => member.Path).ShouldBe(
        [
            "assets/logo.svg",
            "bundle-lock.json",
            "bundle-manifest.json",
            "bundle.yaml",
            "i18n/en.json",
            "packs/ready.gtpack",
            "packs/shop/dist/shop.gtpack",
            "providers/deployer/tf.gtpack",
            "providers/messaging/gui.gtpack",
            "resolved/acme.red.yaml",
            "resolved/acme.yaml",
            "state/pack-configs/shop.json",
            "tenants/acme/teams/red/team.gmap",
            "tenants/acme/tenant.gmap",
        ]);
        foreach (var member in tree.Members)
        {
            Content(tree, member.Path).LongLength.ShouldBe(member.Length);
        }
    }

    [Fact]
    public async Task A_built_pack_reads_back_as_it_was_written()
    {
        using var source = Sources.Full();
        var bytes = Content(await Plan(source), "packs/shop/dist/shop.gtpack");
        using var pack = PackFile.Open(new MemoryStream(bytes), "shop").Value;

        var manifest = pack.Manifest;
        (manifest.PackId, manifest.Version, manifest.Kind, manifest.Publisher, manifest.Name).ShouldBe(("shop", "1.2.3", "application", "us", "Shop"));
        manifest.Symbols.ComponentIds.ShouldBe(["component.exec", "emit.response", "my.tool"]);
        manifest.Symbols.NodeIds.ShouldBe(["ask", "say", "sorry"]);
        manifest.Extensions["greentic.pack-mode.v1"].Inline!.Value.GetProperty("mode").GetString().ShouldBe("prod");
        var component = manifest.Components.ShouldHaveSingleItem();
        (component.Id, component.Version, component.World).ShouldBe(("my.tool", "9.9.9", "w"));
        component.Definition.GetProperty("capabilities").GetProperty("host").GetProperty("state").GetProperty("read").GetBoolean().ShouldBeTrue();
        component.Definition.GetProperty("supports")[0].GetString().ShouldBe("messaging");

        var flow = manifest.Flows.ShouldHaveSingleItem();
        (flow.Id, flow.Kind, flow.IsEntry).ShouldBe(("main", "messaging", true));
        flow.Entrypoints["default"].ShouldBe("ask");
        flow.Nodes.Select(node => node.Id).ShouldBe(["ask", "say", "sorry"]);
        flow.Nodes[0].Operation.ShouldBe("run");
        var branch = flow.Nodes[0].Routing.ShouldBeOfType<FlowRouting.Branch>();
        (branch.OnStatus["ok"], branch.Default).ShouldBe(("say", "sorry"));
        flow.Nodes[1].Routing.ShouldBe(new FlowRouting.Always("sorry"));
        flow.Nodes[1].ErrorMapping!.Value.GetProperty("code").GetInt32().ShouldBe(1);
        flow.Nodes[2].Routing.ShouldBeOfType<FlowRouting.Reply>();

        pack.ReadSbom().Value.Files.Select(file => file.Path).ShouldBe(["assets/cards/a.json", "components/my.tool.manifest.cbor", "components/my.tool.wasm", "manifest.cbor", "pack.lock.cbor"]);
        pack.ReadSbom().Value.Differences(pack).ShouldBeEmpty();
        pack.ReadLock().Value.Components["my.tool"].ComponentVersion.ShouldBe("9.9.9");
    }

    [Fact]
    public async Task A_pack_archive_depends_on_nothing_but_its_content()
    {
        using var source = Sources.Full();

        using var zip = new ZipArchive(new MemoryStream(Content(await Plan(source), "packs/shop/dist/shop.gtpack")));

        zip.Entries.Select(entry => entry.FullName).ShouldBe(zip.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
        foreach (var entry in zip.Entries)
        {
            entry.LastWriteTime.DateTime.ShouldBe(new DateTime(1980, 1, 1, 0, 0, 0, DateTimeKind.Unspecified));
            entry.CompressedLength.ShouldBe(entry.Length);
        }
    }

    [Fact]
    public async Task The_generated_documents_read_back_and_carry_the_policies()
    {
        using var source = Sources.Full();
        var tree = await Plan(source);

        var manifest = BundleManifest.Read(Content(tree, BundleManifest.Member)).Value;
        (manifest.BundleId, manifest.Locale, manifest.RequestedMode).ShouldBe(("b", "en", "create"));
        manifest.AppPacks.ShouldBe(["packs/ready.gtpack", "packs/shop/dist/shop.gtpack"]);
        manifest.GeneratedResolvedFiles.ShouldBe(["resolved/acme.red.yaml", "resolved/acme.yaml"]);
        manifest.ResolvedTargets.Select(target => (target.Tenant, target.Team, target.AppPackPolicies[1].Policy))
            .ShouldBe([("acme", "red", "forbidden"), ("acme", null, "public")]);

        var written = BundleLock.Read(Content(tree, BundleLock.Member)).Value;
        written.ToolVersion.ShouldBe("0.1.0");
        written.AppPacks[1].Digest.ShouldBe(Artifacts.Digests.ContentDigest.Of(Content(tree, "packs/shop/dist/shop.gtpack")).ToString());

        var policy = ResolvedPolicy.Read(Content(tree, "resolved/acme.yaml"), "r").Value.ShouldNotBeNull();
        (policy.Tenant, policy.Team, policy.DefaultPolicy).ShouldBe(("acme", null, "forbidden"));
        policy.AppPacks.ShouldBe([new("packs/ready.gtpack", "forbidden"), new("packs/shop/dist/shop.gtpack", "public")]);
    }

    [Fact]
    public async Task The_documents_of_a_small_bundle_are_these()
    {
        using var source = Sources.Small().With("bundle.yaml", Sources.Bundle + "app_packs: [./packs/shop]\n");
        var tree = await Plan(source);

        Encoding.UTF8.GetString(Content(tree, "resolved/default.yaml")).ShouldBe("""
            version: 1
            tenant: default
            project_root: "."
            bundle:
              bundle_id: b
              bundle_name: b
              locale: en
              mode: create
              advanced_setup: false
              setup_execution_intent: false
              export_intent: false
            policy:
              source:
                tenant_gmap: tenants/default/tenant.gmap
              default: forbidden
            catalogs: []
            app_packs:
            - reference: "./packs/shop"
              policy: public
            extension_providers: []
            hooks: []
            subscriptions: []
            capabilities: []

            """);
        JsonElement.DeepEquals(JsonElement.Parse(Content(tree, BundleManifest.Member)), JsonElement.Parse("""
            {"format_version":"gtbundle-v1","bundle_id":"b","bundle_name":"b","requested_mode":"create","locale":"en","artifact_extension":".gtbundle",
             "generated_resolved_files":["resolved/default.yaml"],"generated_setup_files":[],"app_packs":["./packs/shop"],"extension_providers":[],
             "catalogs":[],"hooks":[],"subscriptions":[],"capabilities":[],
             "resolved_targets":[{"path":"resolved/default.yaml","tenant":"default","default_policy":"forbidden","tenant_gmap":"tenants/default/tenant.gmap",
               "app_pack_policies":[{"reference":"./packs/shop","policy":"public"}]}]}
            """)).ShouldBeTrue();
    }

    [Theory]
    [InlineData(".greentic/dev/x", ".greentic/dev")]
    [InlineData("packs/shop/assets/.greentic/state/dev/y", "packs/shop/assets/.greentic/state/dev")]
    [InlineData("assets/.dev.secrets.env", "assets/.dev.secrets.env")]
    [InlineData("docs/.dev.secrets.env", "docs/.dev.secrets.env")]
    public async Task Developer_secrets_are_refused_wherever_they_lie(string path, string named)
    {
        using var source = Sources.Small().With(path);

        (await Refused(source)).Message.ShouldContain($"{named} is a developer secret");
    }

    [Fact]
    public async Task Links_that_leave_the_source_or_hide_a_secret_are_refused()
    {
        using var outside = new BundleFolder().With("x");
        using var leaving = Sources.Small().Link("assets/x", Path.Combine(outside.Root, "x"));
        (await Refused(leaving)).Message.ShouldContain("assets/x is a symbolic link that leaves the source folder");

        using var upwards = Sources.Small().Link("assets/x", "../../elsewhere");
        (await Refused(upwards)).Message.ShouldContain("assets/x is a symbolic link that leaves");

        using var chained = Sources.Small().Link("assets/x", "y").Link("assets/y", Path.Combine(outside.Root, "x"));
        (await Refused(chained)).Message.ShouldContain("leaves the source folder");

        using var folder = Sources.Small().With("assets/real/a").Link("assets/linked", "real");
        (await Refused(folder)).Message.ShouldContain("assets/linked is a symbolic link to something that is not a file");

        using var secret = Sources.Small().Link("assets/x", ".dev.secrets.env");
        (await Refused(secret)).Message.ShouldContain("symbolic link to");
    }

    [Fact]
    public async Task A_link_to_a_file_of_the_source_becomes_that_file()
    {
        using var source = Sources.Small().With("shared/logo.svg", "<svg/>").Link("assets/logo.svg", "../shared/logo.svg");

        Encoding.UTF8.GetString(Content(await Plan(source), "assets/logo.svg")).ShouldBe("<svg/>");
    }

    [Fact]
    public async Task A_link_back_to_the_folder_is_refused_and_not_walked()
    {
        using var source = Sources.Small();
        File.CreateSymbolicLink(Path.Combine(source.Root, "assets"), source.Root);

        (await Refused(source)).Message.ShouldContain("assets is a symbolic link");
    }

    [Theory]
    [InlineData("bundle.yaml", "schema_version: 1\n", "bundle_id is missing")]
    [InlineData("bundle.yaml", "schema_version: 1\nbundle_id: b\nbundel: x\n", "bundel is not a known member")]
    [InlineData("bundle.yaml", "schema_version: 1\nbundle_id: b\napp_packs: [./packs/none]\n", "app_packs names ./packs/none")]
    [InlineData("packs/shop/pack.yaml", "pack_id: p\nversion: 1\nkind: app\npublisher: x\n", "version must be text, found 1")]
    [InlineData("packs/shop/pack.yaml", "pack_id: p\nversion: 1.0.0\nkind: app\npublisher: x\n", "kind must be application")]
    [InlineData("packs/shop/flows/main.ygtc", "id: m\ntype: fax\n", "the flow type `fax`")]
    [InlineData("packs/shop/flows/second.ygtc", "id: main\ntype: job\n", "the flow id main is taken")]
    [InlineData("packs/other/shop.gtpack", "x", "two packs have the id shop")]
    [InlineData("tenants/t/tenant.gmap", "x", "tenants/t/tenant.gmap line 1 is not a rule")]
    public async Task A_source_that_is_wrong_says_where(string path, string content, string message)
    {
        using var source = Sources.Small().With(path, content);

        (await Refused(source)).Message.ShouldContain(message);
    }

    [Fact]
    public async Task A_folder_without_a_bundle_or_without_packs_is_refused()
    {
        using var empty = new BundleFolder();
        (await Refused(empty)).ShouldBeOfType<Refusal.Missing>();

        empty.With("bundle.yaml", Sources.Bundle);
        (await Refused(empty)).Message.ShouldContain("the source holds no pack");
    }

    internal static byte[] Content(BundleTree tree, string path)
    {
        using var stream = tree.Members.Single(member => member.Path == path).Open();
        var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static async Task<BundleTree> Plan(BundleFolder source) =>
        (await BundleBuilder.PlanAsync(source.Root, "0.1.0", TestContext.Current.CancellationToken)).Value;

    private static async Task<Refusal> Refused(BundleFolder source) =>
        (await BundleBuilder.PlanAsync(source.Root, "0.1.0", TestContext.Current.CancellationToken)).Refusal.ShouldNotBeNull();
}
