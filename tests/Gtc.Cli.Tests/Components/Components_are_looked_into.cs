using System.Text.Json;
using Gtc.Artifacts.Building;
using Gtc.Cli.Components;
using Gtc.Cli.Tests.Bundle;
using Gtc.Wasm.Components;
using Gtc.Wasm.Tests.Components;

namespace Gtc.Cli.Tests.Components;

public sealed class Components_are_looked_into : IDisposable
{
    private const string Node = "greentic:component/node@0.6.0";

    private readonly TestCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task A_component_is_told_apart_with_its_size_digest_modules_and_sections()
    {
        var bytes = TestComponents.With(Node, "invoke");
        var shown = await InspectAsync(bytes);
        shown.GetProperty("name").GetString().ShouldBe("it.wasm");
        shown.GetProperty("kind").GetString().ShouldBe("component");
        shown.GetProperty("size_bytes").GetInt64().ShouldBe(bytes.Length);
        shown.GetProperty("digest").GetString().ShouldBe($"sha256:{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes))}");
        shown.GetProperty("modules").GetRawText().ShouldBe($$"""[{"size_bytes":{{CoreModules.Allocator().Length}},"functions":2,"largest_function_bytes":24,"memories":[{"imported":false,"minimum_pages":64}]}]""");
        shown.GetProperty("custom_sections").GetRawText().ShouldBe("""[{"name":"producers","size_bytes":3}]""");
        shown.GetProperty("exports").GetRawText().ShouldBe($$"""[{"name":"{{Node}}","kind":"instance","functions":[{"name":"invoke","type":"func()"}]}]""");
    }

    [Theory]
    [InlineData("greentic:component/node@0.6.0", "invoke")]
    [InlineData("greentic:component/node@0.5.0", "invoke")]
    [InlineData("greentic:component/node@0.4.0", "invoke")]
    [InlineData("greentic:component/component-runtime@0.6.0", "run")]
    [InlineData("greentic:provider-schema-core/schema-core-api@1.0.0", "invoke")]
    public async Task The_exports_say_as_what_it_runs(string export, string function)
    {
        var shown = await InspectAsync(TestComponents.With(export, function));
        shown.GetProperty("runs_as").GetString().ShouldBe(export);
        shown.TryGetProperty("not_runnable", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("greentic:component/node@0.6.0", "describe", "it exports greentic:component/node@0.6.0 without the function invoke")]
    [InlineData("greentic:component/node@0.7.0", "invoke", "it exports greentic:component/node@0.7.0; one of greentic:component/node@0.6.0, ")]
    public async Task What_is_missing_is_said_when_it_runs_as_nothing(string export, string function, string reason)
    {
        var shown = await InspectAsync(TestComponents.With(export, function));
        shown.TryGetProperty("runs_as", out _).ShouldBeFalse();
        shown.GetProperty("not_runnable").GetString().ShouldStartWith(reason);
    }

    [Fact]
    public async Task An_import_that_nobody_serves_is_named()
    {
        var shown = await InspectAsync(TestComponents.With(Node, "invoke", "acme:weather/now@1.0.0"));
        var import = shown.GetProperty("imports")[0];
        import.GetProperty("name").GetString().ShouldBe("acme:weather/now@1.0.0");
        import.GetProperty("functions")[0].GetProperty("name").GetString().ShouldBe("hush");
        import.TryGetProperty("served_by", out _).ShouldBeFalse();
        shown.GetProperty("links").GetBoolean().ShouldBeFalse();
        shown.GetProperty("link_problem").GetString().ShouldBe("the component cannot be linked: nothing provides acme:weather/now@1.0.0");
    }

    [Fact]
    public async Task An_interface_of_the_system_is_served_by_a_compatible_version_and_its_functions_are_compared()
    {
        var shown = await InspectAsync(TestComponents.With(Node, "invoke", "wasi:random/random@0.2.0"));
        shown.GetProperty("imports")[0].GetProperty("served_by").GetString().ShouldBe("wasi:random/random@0.2.6");
        shown.GetProperty("link_problem").GetString()!.ShouldContain("wasi:random/random@0.2.0#hush");
    }

    [Fact]
    public async Task An_interface_that_flows_serve_is_served()
    {
        var shown = await InspectAsync(TestComponents.With(Node, "invoke", "greentic:component/control@0.6.0", "yield-now"));
        shown.GetProperty("imports")[0].GetProperty("served_by").GetString().ShouldBe("greentic:component/control@0.6.0");
        shown.GetProperty("links").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task A_core_module_is_shown_with_its_names_and_types()
    {
        var shown = await InspectAsync(TestComponents.CoreModule());
        shown.GetProperty("kind").GetString().ShouldBe("core-module");
        var import = shown.GetProperty("imports").EnumerateArray().ShouldHaveSingleItem();
        (import.GetProperty("module").GetString(), import.GetProperty("name").GetString(), import.GetProperty("kind").GetString(), import.GetProperty("type").GetString())
            .ShouldBe(("host", "f", "function", "[i32] -> []"));
        shown.GetProperty("exports")[0].GetProperty("type").GetString().ShouldBe("[] -> [i64]");
        shown.GetProperty("not_runnable").GetString()!.ShouldContain("a core module has no interfaces");
        shown.TryGetProperty("links", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Damaged_bytes_are_refused_with_their_place()
    {
        await File.WriteAllBytesAsync(Path.Combine(_cli.Folder, "it.wasm"), [.. TestComponents.With(Node, "invoke"), 7, 50, 1], TestContext.Current.CancellationToken);
        var run = await _cli.RunAsync("component inspect it.wasm --format json");
        run.Exit.ShouldBe(1);
        run.Kind.ShouldBe("invalid-argument");
        run.Message.ShouldContain($"malformed at byte {TestComponents.With(Node, "invoke").Length}: a section of 50 bytes where 1 are left");
    }

    [Theory]
    [InlineData("component inspect", "neither was given")]
    [InlineData("component inspect a.wasm --pack b.gtpack", "exclude each other")]
    [InlineData("component inspect a.wasm --component b", "it needs --pack FILE.gtpack")]
    public async Task A_file_or_a_pack_is_needed(string line, string reason) => (await _cli.RunAsync($"{line} --format json")).Message.ShouldContain(reason);

    [Fact]
    public async Task Components_of_a_pack_are_found_by_id()
    {
        await WritePackAsync();
        var all = (await _cli.RunAsync("component inspect --pack hello.gtpack --format json")).Result.GetProperty("components");
        all.EnumerateArray().Select(component => component.GetProperty("name").GetString()).ShouldBe(["first", "second"]);
        var one = (await _cli.RunAsync("component inspect --pack hello.gtpack --component second --format json")).Result.GetProperty("components");
        one.EnumerateArray().ShouldHaveSingleItem().GetProperty("runs_as").GetString().ShouldBe("greentic:component/node@0.5.0");
        var none = await _cli.RunAsync("component inspect --pack hello.gtpack --component third --format json");
        none.Kind.ShouldBe("not-found");
        none.Message.ShouldContain("has no component `third`, but first, second");
    }

    [Fact]
    public async Task People_see_it_as_text_that_cannot_move_the_cursor()
    {
        using var cli = new TestCli { IsTerminal = true };
        await File.WriteAllBytesAsync(
            Path.Combine(cli.Folder, "it.wasm"),
            new ComponentWriter().Section(0, new Bytes().Name("\u001b[2J\u202e").Add(1)).ToArray(),
            TestContext.Current.CancellationToken);
        var run = await cli.RunAsync("component inspect it.wasm");
        run.Stdout.ShouldContain("\\u{1b}[2J\\u{202e}, 1 B");
        run.Stdout.ShouldContain("nothing: it exports nothing; one of greentic:component/node@0.6.0");
        run.Stdout.ShouldNotContain("\u001b[2J");
    }

    [Fact]
    public void Types_are_written_as_WIT_does_and_cut_when_they_are_long()
    {
        var record = WitType.RecordOf(("a", WitType.Text), ("b", WitType.OptionOf(WitType.ListOf(WitType.U8))));
        var type = new WitFunctionType(["x", "y"], [record, WitType.TupleOf(WitType.U8, WitType.F64)], WitType.ResultOf(WitType.Bool, null));
        WitText.Of(type).ShouldBe(type.ToString());
        var wide = record;
        for (var depth = 0; depth < 8; depth++)
        {
            wide = WitType.RecordOf(("left", wide), ("right", wide));
        }

        WitText.Of(new WitFunctionType(["x"], [wide], null)).Length.ShouldBe(2_001);
    }

    private async Task<JsonElement> InspectAsync(byte[] bytes)
    {
        await File.WriteAllBytesAsync(Path.Combine(_cli.Folder, "it.wasm"), bytes, TestContext.Current.CancellationToken);
        var run = await _cli.RunAsync("component inspect it.wasm --format json");
        run.Exit.ShouldBe(0, run.Stderr);
        return run.Result.GetProperty("components").EnumerateArray().ShouldHaveSingleItem();
    }

    private async Task WritePackAsync()
    {
        var source = TestBundles.WriteSource(_cli.Folder, "hello");
        var components = Directory.CreateDirectory(Path.Combine(source, "packs", "hello", "components")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(components, "first.wasm"), TestComponents.With(Node, "invoke"), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(components, "second.wasm"), TestComponents.With("greentic:component/node@0.5.0", "invoke"), TestContext.Current.CancellationToken);
        var tree = (await BundleBuilder.PlanAsync(source, "0.0.0", TestContext.Current.CancellationToken)).Value;
        var pack = tree.Members.Single(member => member.Path.EndsWith(".gtpack", StringComparison.Ordinal));
        await using var content = pack.Open();
        await using var file = File.Create(Path.Combine(_cli.Folder, "hello.gtpack"));
        await content.CopyToAsync(file, TestContext.Current.CancellationToken);
    }
}
