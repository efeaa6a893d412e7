using System.Text.Json;
using Gtc.Cli.Op.Apply;
using Gtc.Model;

namespace Gtc.Cli.Tests.Op.Apply;

public class An_apply_asks_and_is_told
{
    [Fact]
    public async Task A_pasted_secret_is_asked_at_a_terminal_once_and_is_missing_in_a_pipe()
    {
        using var bench = new ApplyBench();
        var manifest = bench.Write("\"secrets\":[{\"path\":\"acme/_/app/token\"}]");
        var refused = await bench.RefusedAsync($"env apply --answers {manifest}");
        refused.Error.GetProperty("details")[0].GetProperty("value").GetString().ShouldBe("secret_value from paste");

        bench.Cli.Typed = "pasted";
        (await bench.RefusedAsync($"env apply --answers {manifest} --yes --non-interactive")).Kind.ShouldBe("conflict");
        var report = await bench.ApplyAsync(manifest, "--yes");
        report.GetProperty("undiffable").GetInt32().ShouldBe(1);
        (await bench.Cli.OpAsync("secrets get acme/_/app/token --reveal")).GetProperty("value").GetString().ShouldBe("pasted");

        bench.Cli.Typed = null;
        (await bench.ApplyAsync(manifest)).GetProperty("undiffable").GetInt32().ShouldBe(0, "it is there");
    }

    [Fact]
    public async Task A_person_is_asked_before_anything_changes()
    {
        using var bench = new ApplyBench();
        var manifest = bench.Write("");
        bench.Cli.Typed = "";
        bench.Cli.Stdin = "n\n";
        var run = await bench.RunAsync($"env apply --answers {manifest}");
        run.Exit.ShouldBe(1);
        run.Stderr.ShouldContain("not confirmed; nothing was written");
        Directory.Exists(Path.Combine(bench.Cli.StoreRoot, "local")).ShouldBeFalse();
        bench.Cli.Stdin = "y\n";
        (await bench.RunAsync($"env apply --answers {manifest}")).Exit.ShouldBe(0);
        bench.Cli.Stdin = "";
        (await bench.RunAsync($"env apply --answers {manifest}")).Exit.ShouldBe(0, "nothing to change is nothing to ask");
    }

    [Fact]
    public async Task Pruning_removes_what_a_section_does_not_name_and_needs_a_yes()
    {
        using var bench = new ApplyBench();
        var manifest = bench.Write($$"""
            "trust_root":"bootstrap","bundles":[{{ApplyBench.Declared("keep")}},{{ApplyBench.Declared("drop")}}],
            "extensions":[{"kind":"acme.geo.lookup@1.0.0","pack_ref":"builtin"}],
            "messaging_endpoints":[{"name":"bot","provider_type":"webchat","links":["drop"]}]
            """);
        await bench.ApplyAsync(manifest);
        bench.Write($"\"bundles\":[{ApplyBench.Declared("keep")}],\"extensions\":[],\"messaging_endpoints\":[]");
        (await bench.ApplyAsync(manifest)).GetProperty("changed").GetInt32().ShouldBe(0, "what is not named stays");
        (await bench.RefusedAsync($"env apply --answers {manifest} --prune bundles --prune messaging_endpoints")).Message.ShouldContain("--yes");
        (await bench.RefusedAsync($"env apply --answers {manifest} --prune bundles --yes")).Kind.ShouldBe("conflict", "the endpoint still needs it");
        (await bench.RefusedAsync($"env apply --answers {manifest} --prune packs --yes")).Message.ShouldContain("not in the manifest");
        var report = await bench.ApplyAsync(manifest, "--prune bundles --prune messaging_endpoints --prune extensions --yes");
        report.GetProperty("steps").EnumerateArray().Where(step => step.GetProperty("action").GetString() == "delete").Select(step => step.GetProperty("kind").GetString())
            .ShouldBe(["remove-endpoint", "remove-bundle", "remove-extension"]);
        var document = await bench.DocumentAsync();
        document.GetProperty("bundles").EnumerateArray().Select(bundle => bundle.GetProperty("bundle_id").GetString()).ShouldBe(["keep"]);
        document.GetProperty("messaging_endpoints").GetArrayLength().ShouldBe(0);
        document.GetProperty("extensions").GetArrayLength().ShouldBe(0);
        (await bench.RunAsync($"env apply --answers {manifest} --prune secrets")).Exit.ShouldBe(2);
    }

    [Fact]
    public async Task Sources_are_fetched_and_compared_only_when_asked()
    {
        using var bench = new ApplyBench();
        var digest = await bench.BuildAsync("app");
        string Manifest(string pin) => bench.Write($$"""
            "trust_root":"bootstrap","bundles":[{"bundle_id":"app","bundle_source_uri":"file://{{Path.Combine(bench.Folder, "app.gtbundle")}}","bundle_digest":"{{pin}}"}]
            """);
        (await bench.RefusedAsync($"env apply --answers {Manifest(ApplyBench.Digest)} --verify-sources")).Kind.ShouldBe("conflict");
        (await bench.RunAsync($"env apply --answers {Manifest(digest)} --verify-sources --dry-run")).Exit.ShouldBe(0);
        await bench.ApplyAsync(Manifest(ApplyBench.Digest));
        (await bench.DocumentAsync()).GetProperty("revisions")[0].GetProperty("pack_list").GetArrayLength().ShouldBe(0, "it was recorded, not fetched");
    }

    [Fact]
    public async Task A_bundle_named_by_its_source_alone_is_fetched_once_and_pinned()
    {
        using var bench = new ApplyBench();
        var digest = await bench.BuildAsync("app");
        var manifest = bench.Write($$"""
            "trust_root":"bootstrap","bundles":[{"bundle_id":"app","bundle_source_uri":"file://{{Path.Combine(bench.Folder, "app.gtbundle")}}"},{"bundle_id":"gone","bundle_source_uri":"file:///absent.gtbundle"}]
            """);
        var dry = await bench.RunAsync($"env apply --answers {manifest} --dry-run");
        dry.Result.GetProperty("missing")[0].GetProperty("source").GetString().ShouldBe("uri:file:///absent.gtbundle");
        bench.Write($$"""
            "trust_root":"bootstrap","bundles":[{"bundle_id":"app","bundle_source_uri":"file://{{Path.Combine(bench.Folder, "app.gtbundle")}}"}]
            """);
        await bench.ApplyAsync(manifest);
        (await bench.DocumentAsync()).GetProperty("revisions")[0].GetProperty("bundle_digest").GetString().ShouldBe(digest);
        (await bench.ApplyAsync(manifest)).GetProperty("changed").GetInt32().ShouldBe(0);
    }

    [Fact]
    public async Task Paths_start_at_the_manifest_and_YAML_is_as_good()
    {
        using var bench = new ApplyBench();
        await bench.BuildAsync("app");
        bench.Cli.Write("manifests/answers.yaml", "namespace: x\n");
        bench.Cli.Write("manifests/env.yaml", """
            schema: greentic.env-manifest.v1
            environment: { id: local }
            trust_root: bootstrap
            packs:
              - { slot: deployer, kind: greentic.deployer.k8s@1.0.0, pack_ref: builtin, answers_ref: answers.yaml }
            bundles:
              - { bundle_id: app, bundle_path: app.gtbundle, config_overrides: { hello: { greeting: Hi } } }
            """);
        await bench.ApplyAsync("manifests/env.yaml");
        (await bench.DocumentAsync()).GetProperty("bundles")[0].GetProperty("config_overrides").GetProperty("hello").GetProperty("greeting").GetString().ShouldBe("Hi");
        (await bench.ApplyAsync("manifests/env.yaml")).GetProperty("changed").GetInt32().ShouldBe(0);
        bench.Cli.Stdin = ApplyBench.Local("\"bundles\":[{\"bundle_id\":\"app\",\"bundle_path\":\"app.gtbundle\"}]");
        (await bench.RunAsync("env apply --answers - --dry-run")).Result.GetProperty("missing")[0].GetProperty("source").GetString().ShouldBe("path:app.gtbundle");
    }

    [Fact]
    public async Task The_example_manifest_parses_and_replaces_nothing()
    {
        using var bench = new ApplyBench();
        (await bench.RunAsync("env apply --emit-answers-template example.json")).Exit.ShouldBe(0);
        var bytes = await File.ReadAllBytesAsync(Path.Combine(bench.Cli.Folder, "example.json"), TestContext.Current.CancellationToken);
        Manifests.Parse(bytes).Refusal.ShouldBeNull();
        using var example = JsonDocument.Parse(bytes);
        example.RootElement.EnumerateObject().Select(member => member.Name).ShouldBe(
            ManifestSchema.Export().GetProperty("properties").EnumerateObject().Select(member => member.Name).Where(name => name != "vault_bootstrap"), ignoreOrder: true);
        (await bench.RefusedAsync("env apply --emit-answers-template example.json")).Kind.ShouldBe("conflict");
        ManifestTemplate.Text.ShouldEndWith("}\n");
    }

    [Theory]
    [InlineData("env apply --answers m.json --dry-run --check")]
    [InlineData("env apply --answers m.json --emit-answers-template x --check")]
    [InlineData("env apply --answers m.json --out x")]
    [InlineData("env apply --answers m.json --exit-code brief")]
    [InlineData("env apply surprise")]
    [InlineData("plan --dry-run")]
    public async Task A_wrong_command_line_exits_with_2(string line)
    {
        using var bench = new ApplyBench();
        (await bench.RunAsync(line)).Exit.ShouldBe(2);
    }

    [Fact]
    public async Task Without_a_manifest_it_says_how_to_get_one()
    {
        using var bench = new ApplyBench();
        var refused = await bench.RefusedAsync("env apply");
        (refused.Kind, refused.Error.GetProperty("next").GetString()).ShouldBe(("invalid-argument", "gtc op env apply --emit-answers-template env.json"));
        (await bench.RunAsync("env apply --schema")).Result.GetProperty("title").GetString().ShouldBe("greentic.env-manifest.v1");
    }

    [Fact]
    public async Task A_step_that_finds_another_environment_than_planned_is_refused()
    {
        using var bench = new ApplyBench();
        await bench.Cli.OpAsync("env init");
        var manifest = bench.Write($"\"trust_root\":\"bootstrap\",\"bundles\":[{ApplyBench.Declared("one")},{ApplyBench.Declared("two")}]");
        await using var stderr = new InterferingWriter(() => bench.Cli.OpAsync("bundles add bundle_id=other"));
        await using var stdout = new StringWriter();
        string[] words = ["op", "env", "apply", "--answers", manifest, "--store-root", bench.Cli.StoreRoot, "--format", "table"];
        (await bench.Cli.RunWordsAsync(words, stdout, stderr, TestContext.Current.CancellationToken)).ShouldBe(1);
        stderr.ToString().ShouldContain("was changed by somebody else before step deploy-bundle `one/local-dev`");
        (await bench.ApplyAsync(manifest)).GetProperty("verify").GetProperty("failures").GetArrayLength().ShouldBe(0);
    }

    private sealed class InterferingWriter(Func<Task> interfere) : StringWriter
    {
        private bool _isDone;

        public override async Task WriteLineAsync(string? value)
        {
            WriteLine(value);
            if (!_isDone)
            {
                _isDone = true;
                await interfere();
            }
        }
    }
}
