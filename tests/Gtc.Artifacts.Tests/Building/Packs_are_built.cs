using Gtc.Artifacts.Building;
using Gtc.Artifacts.Digests;
using Gtc.Artifacts.Packs;
using Gtc.Artifacts.Tests.Bundles;
using Gtc.Model;

namespace Gtc.Artifacts.Tests.Building;

public sealed class Packs_are_built
{
    private static readonly byte[] Component = [0, (byte)'a', (byte)'s', (byte)'m', 0x0d, 0, 1, 0];

    [Fact]
    public async Task A_folder_becomes_the_pack_that_a_bundle_around_it_would_hold()
    {
        using var folder = Source();
        using var bundle = new BundleFolder().With("bundle.yaml", Sources.Bundle);
        foreach (var file in Directory.GetFiles(folder.Root, "*", SearchOption.AllDirectories))
        {
            bundle.With($"packs/shop/{Path.GetRelativePath(folder.Root, file)}", await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
        }

        var built = (await Build(folder)).Value;

        var inBundle = BundleBuilding.Content((await BundleBuilder.PlanAsync(bundle.Root, "0.1.0", TestContext.Current.CancellationToken)).Value, "packs/shop/dist/shop.gtpack");
        (await File.ReadAllBytesAsync(built.Path, TestContext.Current.CancellationToken)).ShouldBe(inBundle);
        (built.Length, built.Digest.ToString()).ShouldBe((inBundle.Length, ContentDigest.Of(inBundle).ToString()));
    }

    [Fact]
    public async Task What_is_built_reads_back_as_it_was_written()
    {
        using var folder = Source();

        var built = (await Build(folder)).Value;

        using var pack = PackFile.Open(built.Path).Value;
        pack.Members.Select(member => member.Name).ShouldBe(
            ["assets/a.json", "components/my.tool.manifest.cbor", "components/my.tool.wasm", "manifest.cbor", "pack.lock.cbor", "sbom.cbor"]);
        pack.Members.Length.ShouldBe(built.MemberCount);
        pack.ReadSbom().Value.Differences(pack).ShouldBeEmpty();
        pack.ReadLock().Value.Components["my.tool"].ResolvedDigest.ShouldBe(ContentDigest.Of(Component).ToString());
        pack.Manifest.Symbols.ComponentIds.ShouldBe(["component.exec", "emit.response", "my.tool"]);
        pack.Manifest.Flows.ShouldHaveSingleItem().Nodes.Select(node => (node.Id, node.ComponentId, node.Operation)).ShouldBe(
            [("ask", "component.exec", "run"), ("say", "emit.response", null), ("sorry", "emit.response", null)]);
        var component = pack.Manifest.Components.ShouldHaveSingleItem();
        component.Operations.ShouldBe(["run"]);
        component.Definition.EnumerateObject().Select(member => member.Name).ShouldBe(
            ["id", "version", "supports", "world", "profiles", "capabilities", "configurators", "operations", "resources", "dev_flows"]);
        component.Definition.GetProperty("capabilities").GetRawText().ShouldContain("state");
        var manifest = pack.ReadComponentManifest("my.tool").Value;
        (manifest.Id, manifest.Version, manifest.World).ShouldBe(("my.tool", "1.2.3", "greentic:component/component@0.6.0"));
    }

    [Fact]
    public async Task Nothing_is_granted_to_a_component_that_does_not_ask()
    {
        using var folder = Source();
        File.Delete(Path.Combine(folder.Root, "components/my.tool.json"));

        var built = (await Build(folder)).Value;

        var capabilities = built.Manifest.Components[0].Definition.GetProperty("capabilities");
        capabilities.GetProperty("host").GetPropertyCount().ShouldBe(0);
        capabilities.GetProperty("wasi").GetProperty("random").GetBoolean().ShouldBeFalse();
    }

    [Theory]
    [InlineData("pack_id: shop\nversion: '1'\nkind: application\npublisher: us\n", "pack.yaml:2: version must be a semantic version such as 1.0.0, found \"1\"")]
    [InlineData("pack_id: a/b\nversion: 1.0.0\nkind: application\npublisher: us\n", "pack.yaml:1: pack_id must be letters, digits, dots, _ and -, found \"a/b\"")]
    [InlineData("pack_id: shop\nversion: 1.0.0\nkind: app\npublisher: us\n", "pack.yaml:3: kind must be application, provider, infrastructure or library, found \"app\"")]
    [InlineData("pack_id: shop\nversion: 1.0.0\nkind: library\npublisher: us\ncolour: red\n", "pack.yaml:5: colour is not a known member")]
    public async Task A_description_that_is_wrong_says_where(string yaml, string message)
    {
        using var folder = Source().With("pack.yaml", yaml);

        (await Build(folder)).Refusal.ShouldBeOfType<Refusal.InvalidArgument>().Message.ShouldBe($"the pack cannot be built: {message}");
    }

    [Fact]
    public async Task A_folder_without_a_description_and_a_component_that_is_none_are_refused_and_leave_nothing()
    {
        using var empty = new BundleFolder();
        using var wrong = Source().With("components/text.wasm", "not wasm");

        (await Build(empty)).Refusal.ShouldBeOfType<Refusal.Missing>().Message.ShouldContain("holds no pack.yaml");
        (await Build(wrong)).Refusal!.Message.ShouldBe("the pack cannot be built: components/text.wasm is not WebAssembly: it does not begin with \\0asm");
        Directory.GetFiles(wrong.Root, "*.gtpack*").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_flow_that_does_not_compile_is_named_with_its_line()
    {
        using var folder = Source().With("flows/main.ygtc", "id: main\ntype: messaging\nnodes:\n  a:\n    emit.log: {}\n    routing:\n    - to: b\n");

        var refusal = (await Build(folder)).Refusal.ShouldBeOfType<Refusal.InvalidDocument>();

        refusal.Code.ShouldBe("MissingNode");
        refusal.Details.ShouldBe([new("in", "flows/main.ygtc:7"), new("expected", "one of its nodes: a")]);
    }

    private static BundleFolder Source() => new BundleFolder()
        .With("pack.yaml", Sources.Pack)
        .With("flows/main.ygtc", Sources.Flow)
        .With("components/my.tool.wasm", Component)
        .With("components/my.tool.json", """{"operations":[{"name":"run","input_schema":{},"output_schema":{}}],"capabilities":{"host":{"state":{"read":true}}}}""")
        .With("assets/a.json", "{}")
        .With("README.md", "stays out");

    private static Task<Outcome<BuiltPack>> Build(BundleFolder folder) =>
        PackBuilder.BuildAsync(folder.Root, Path.Combine(folder.Root, "out.gtpack"), TestContext.Current.CancellationToken);
}
