using System.Text.Json;
using Gtc.Cli.Tests.Bundle;

namespace Gtc.Cli.Tests.Op.Apply;

public class A_manifest_is_applied
{
    [Fact]
    public async Task The_seeds_manifest_applies_unchanged_and_touches_no_cluster()
    {
        using var bench = new ApplyBench();
        Directory.CreateDirectory(Path.Combine(bench.Cli.Folder, "declarative"));
        foreach (var name in new[] { "k8s.env.json", "deployer-answers.json" })
        {
            File.Copy(Path.Combine(TestBundles.RepositoryRoot(), "samples", "declarative", name), Path.Combine(bench.Cli.Folder, "declarative", name));
        }

        bench.Cli.SetVariable("TELEGRAM_DEMO_BOT_TOKEN", "12:abc");

        // The flags stand before the verb, as the seed types them.
        var run = await bench.Cli.RunAsync($"op --store-root {bench.Cli.StoreRoot} --answers declarative/k8s.env.json env apply --yes --format json");
        run.Exit.ShouldBe(0, run.Stderr);
        var report = run.Result;
        (report.GetProperty("mode").GetString(), report.GetProperty("manifest_schema").GetString()).ShouldBe(("apply", "greentic.env-manifest.v1"));
        report.GetProperty("verify").GetProperty("failures").GetArrayLength().ShouldBe(0);
        var environment = await bench.DocumentAsync();
        environment.GetProperty("name").GetString().ShouldBe("k8s");
        environment.GetProperty("packs").EnumerateArray().Single(pack => pack.GetProperty("slot").GetString() == "deployer").GetProperty("kind").GetString().ShouldBe("greentic.deployer.k8s@1.0.0");
        environment.GetProperty("revisions")[0].GetProperty("bundle_source_uri").GetString().ShouldBe("oci://ghcr.io/greenticai/greentic-demo-bundles/webchat-bot:v1");
        environment.GetProperty("revisions")[0].GetProperty("lifecycle").GetString().ShouldBe("ready");
        environment.GetProperty("traffic_splits")[0].GetProperty("entries")[0].GetProperty("weight_bps").GetInt32().ShouldBe(10_000);
        var endpoint = environment.GetProperty("messaging_endpoints")[0];
        endpoint.GetProperty("webhook_secret_ref").GetString().ShouldBe($"secret://local/default/_/messaging-{endpoint.GetProperty("endpoint_id").GetString()!.ToLowerInvariant()}/webhook_secret");
        (await bench.Cli.OpAsync("secrets get tenant-default/_/messaging-telegram/telegram_bot_token --reveal")).GetProperty("value").GetString().ShouldBe("12:abc");
        (await bench.Cli.OpAsync("secrets list")).GetProperty("secrets").EnumerateArray().Count().ShouldBe(2, "the token and the webhook secret");
    }

    [Fact]
    public async Task Every_step_is_one_generation_and_one_audit_line_with_its_own_key_and_no_value()
    {
        using var bench = new ApplyBench();
        bench.Cli.SetVariable("TOKEN", "very-secret");
        var manifest = bench.Write($$"""
            "trust_root":"bootstrap",
            "secrets":[{"path":"acme/_/app/token","from_env":"TOKEN"}],
            "bundles":[{{ApplyBench.Declared("one")}},{{ApplyBench.Declared("two")}}],
            "messaging_endpoints":[{"name":"bot","provider_type":"messaging.telegram.bot","links":["one"]}]
            """);
        var report = await bench.ApplyAsync(manifest, "--updated-by me");
        var done = report.GetProperty("steps").EnumerateArray().Where(step => step.GetProperty("action").GetString() != "no-op").ToList();
        var audit = bench.Audit();
        audit.ShouldAllBe(line => line.GetProperty("result").GetProperty("outcome").GetString() == "ok");
        string.Join('\n', audit).ShouldNotContain("very-secret");
        if (TestCli.IsRemote)
        {
            // A webhook secret that is minted is a change of its own; the keys of a run have an end of their own, since a server answers again what stands under a key.
            audit = [.. audit.Where(line => line.GetProperty("verb").GetString() != "put" || line.GetProperty("target").GetProperty("path").GetString() == "acme/_/app/token")];
            audit.Select(line => $"{line.GetProperty("noun").GetString()} {line.GetProperty("verb").GetString()}")
                .ShouldBe(["env init", "trust-root bootstrap", "secrets put", "deploy run", "deploy run", "messaging.endpoint add", "messaging.endpoint link-bundle"]);
        }
        else
        {
            var deployed = audit.Select(line => line.GetProperty("target")).Single(target => target.TryGetProperty("key", out var key) && key.GetString() == "one/local-dev");
            deployed.GetProperty("revision_ids").GetString()!.Length.ShouldBe(26);
        }

        audit.Select(line => line.GetProperty("idempotency_key").GetString()!.Split('-')[0]).ShouldBe(done.Select(step => step.GetProperty("idempotency_key").GetString()));
        audit.Select(line => line.GetProperty("idempotency_key").GetString()).ShouldBeUnique();
        report.GetProperty("changed").GetInt32().ShouldBe(done.Count - 1);
        report.GetProperty("undiffable").GetInt32().ShouldBe(1);
        (await bench.DocumentAsync()).GetProperty("traffic_splits")[0].GetProperty("updated_by").GetString().ShouldBe("me");
    }

    [Fact]
    [Trait("fact", "op-cli:23.14")]
    public async Task A_second_apply_changes_nothing_and_a_check_tells_drift_with_its_report()
    {
        using var bench = new ApplyBench();
        await bench.BuildAsync("app");
        var manifest = bench.Write("""
            "trust_root":"bootstrap","bundles":[{"bundle_id":"app","bundle_path":"app.gtbundle","revenue_share":[{"party_id":"acme","basis_points":10000}]}]
            """);
        (await bench.ApplyAsync(manifest)).GetProperty("changed").GetInt32().ShouldBeGreaterThan(0);
        var lines = bench.Audit().Count;
        (await bench.ApplyAsync(manifest)).GetProperty("changed").GetInt32().ShouldBe(0);
        bench.Audit().Count.ShouldBe(lines, "nothing to do writes nothing");
        var checkedRun = await bench.RunAsync($"env apply --answers {manifest} --check");
        (checkedRun.Exit, checkedRun.Stderr, checkedRun.Result.GetProperty("mode").GetString()).ShouldBe((0, "", "check"));

        bench.Write("""
            "trust_root":"bootstrap","bundles":[{"bundle_id":"app","bundle_path":"app.gtbundle","revenue_share":[{"party_id":"acme","basis_points":4000},{"party_id":"gtc","basis_points":6000}]}]
            """);
        var drifted = await bench.RefusedAsync($"env apply --answers {manifest} --check");
        drifted.Kind.ShouldBe("conflict");
        drifted.Result.GetProperty("changed").GetInt32().ShouldBe(1);
        (await bench.RunAsync($"env apply --answers {manifest} --check --exit-code detailed")).Exit.ShouldBe(3);
        (await bench.RunAsync($"env apply --answers {manifest} --dry-run --exit-code detailed")).Exit.ShouldBe(3);
        (await bench.RunAsync($"env apply --answers {manifest} --dry-run")).Exit.ShouldBe(0);
        bench.Audit().Count.ShouldBe(lines, "looking writes nothing");

        await bench.ApplyAsync(manifest);
        (await bench.DocumentAsync()).GetProperty("bundles")[0].GetProperty("revenue_policy_ref").GetString().ShouldEndWith("/v2.json.sig", Case.Sensitive, "other shares make another signed version");
    }

    [Fact]
    [Trait("fact", "op-cli:23.15")]
    public async Task A_variable_that_is_not_set_is_reported_by_a_dry_run_and_stops_an_apply()
    {
        using var bench = new ApplyBench();
        var manifest = bench.Write("""
            "secrets":[{"path":"acme/_/app/token","from_env":"NOT_SET"}]
            """);
        var dry = await bench.RunAsync($"env apply --answers {manifest} --dry-run");
        dry.Exit.ShouldBe(0);
        var missing = dry.Result.GetProperty("missing")[0];
        (missing.GetProperty("kind").GetString(), missing.GetProperty("key").GetString(), missing.GetProperty("source").GetString())
            .ShouldBe(("secret_value", "acme/_/app/token", "env:NOT_SET"));
        var refused = await bench.RefusedAsync($"env apply --answers {manifest}");
        refused.Kind.ShouldBe("conflict");
        Directory.Exists(Path.Combine(bench.Cli.StoreRoot, "local")).ShouldBeFalse();
    }

    [Fact]
    [Trait("fact", "op-cli:23.16")]
    public async Task A_bundle_that_is_not_the_pinned_one_is_a_conflict_before_anything_is_written()
    {
        using var bench = new ApplyBench();
        await bench.BuildAsync("app");
        var manifest = bench.Write($$"""
            "trust_root":"bootstrap","bundles":[{"bundle_id":"app","bundle_path":"app.gtbundle","bundle_digest":"{{ApplyBench.Digest}}"}]
            """);
        var refused = await bench.RefusedAsync($"env apply --answers {manifest}");
        refused.Kind.ShouldBe("conflict");
        refused.Message.ShouldContain("bundles[0].bundle_digest");
        Directory.Exists(Path.Combine(bench.Cli.StoreRoot, "local")).ShouldBeFalse();
    }

    [Fact]
    [Trait("fact", "op-cli:23.17")]
    public async Task Cluster_and_Vault_sections_are_warned_of_and_not_acted_on()
    {
        using var bench = new ApplyBench();
        var report = await bench.ApplyAsync(bench.Write("""
            "cluster":{"provider":"kind","name":"demo"},"vault_bootstrap":{"deploy":"dev-in-cluster"}
            """));
        var warnings = report.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString()!).ToList();
        warnings.Count(warning => warning.StartsWith("cluster:", StringComparison.Ordinal)).ShouldBe(1);
        warnings.Count(warning => warning.StartsWith("vault_bootstrap:", StringComparison.Ordinal)).ShouldBe(1);
        (await bench.RefusedAsync($"env apply --answers {bench.Write("\"cluster\":{\"provider\":\"k3d\",\"name\":\"demo\"}")}")).Message.ShouldContain("cluster.provider");
        (await bench.RefusedAsync($"env apply --answers {bench.Write("\"cluster\":{\"provider\":\"kind\",\"name\":\" \"}")}")).Message.ShouldContain("cluster.name");
    }

    [Theory]
    [Trait("fact", "op-cli:23.11")]
    [InlineData("\"bundles\":[{\"bundle_id\":\"a\",\"bundle_pth\":\"x\"}]", "answers-parse", "bundle_pth")]
    [InlineData("\"updates\":{\"poll_interval_secs\":59}", "invalid-argument", "updates.poll_interval_secs")]
    [InlineData("\"vault_bootstrap\":{\"deploy\":\"external\"},\"secrets\":[]", "invalid-argument", "vault_bootstrap")]
    [InlineData("\"packs\":[{\"slot\":\"messaging\",\"kind\":\"a.b@1.0.0\",\"pack_ref\":\"builtin\"}]", "invalid-argument", "packs[0].slot")]
    [InlineData("\"secrets\":[{\"path\":\"acme/default/p/n\"}]", "invalid-argument", "secrets[0].path")]
    [InlineData("\"bundles\":[{\"bundle_id\":\"a\",\"bundle_path\":\"x\",\"config_overrides\":{\"\":{}}}]", "invalid-argument", "bundles[0].config_overrides")]
    public async Task A_manifest_that_breaks_a_rule_is_refused_with_the_place(string sections, string kind, string place)
    {
        using var bench = new ApplyBench();
        var refused = await bench.RefusedAsync($"env apply --answers {bench.Write(sections)}");
        refused.Kind.ShouldBe(kind);
        refused.Message.ShouldContain(place);
    }

    [Fact]
    [Trait("fact", "env-packs:12.14")]
    public async Task Inline_answers_are_staged_and_compared()
    {
        TestCli.NeedsFolder();
        using var bench = new ApplyBench();
        string Manifest(int replicas) => bench.Write($$"""
            "packs":[{"slot":"deployer","kind":"greentic.deployer.k8s@1.0.0","pack_ref":"builtin","answers":{"router_replicas":{{replicas}} } }]
            """);
        await bench.ApplyAsync(Manifest(2));
        var file = Path.Combine(bench.Cli.StoreRoot, "local", "env-packs", "deployer", "answers.json");
        JsonElement.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).GetProperty("router_replicas").GetInt32().ShouldBe(2);
        var bound = await DeployerAsync(bench);
        bound.GetProperty("answers_ref").GetString().ShouldBe("env-packs/deployer/answers.json");
        var generation = bound.GetProperty("generation").GetInt64();

        var again = await bench.ApplyAsync(Manifest(2));
        Action(again, "update-pack-binding").ShouldBe("no-op");
        var changed = await bench.ApplyAsync(Manifest(3));
        Action(changed, "update-pack-binding").ShouldBe("update");
        (await DeployerAsync(bench)).GetProperty("generation").GetInt64().ShouldBe(generation + 1);
        JsonElement.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).GetProperty("router_replicas").GetInt32().ShouldBe(3);
    }

    [Fact]
    public async Task Another_environment_than_local_must_exist()
    {
        using var bench = new ApplyBench();
        bench.Cli.Write("prod.yaml", "schema: greentic.env-manifest.v1\nenvironment: { id: prod, region: eu }\n");
        (await bench.RefusedAsync("env apply --answers prod.yaml")).Kind.ShouldBe("not-found");
        await bench.Cli.OpAsync("env create prod");
        (await bench.ApplyAsync("prod.yaml")).GetProperty("changed").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task Secrets_under_a_key_that_everybody_knows_are_warned_of_once()
    {
        TestCli.NeedsFiles("a store server takes nothing under the key that everybody knows");
        using var bench = new ApplyBench();
        await bench.Cli.OpAsync("env create prod");
        bench.Cli.SetVariable("TOKEN", "t");
        bench.Cli.Write("prod.yaml", """
            schema: greentic.env-manifest.v1
            environment: { id: prod }
            packs: [{ slot: secrets, kind: greentic.secrets.dev-store@0.1.0, pack_ref: builtin }]
            secrets: [{ path: acme/_/app/one, from_env: TOKEN }, { path: acme/_/app/two, from_env: TOKEN }]
            """);
        (await bench.ApplyAsync("prod.yaml")).GetProperty("warnings").EnumerateArray().Count(warning => warning.GetString()!.Contains("a key that everybody knows", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task A_wish_that_comes_back_is_not_taken_for_a_replay()
    {
        using var bench = new ApplyBench();
        var manifest = bench.Write($"\"trust_root\":\"bootstrap\",\"bundles\":[{ApplyBench.Declared("app")}]");
        await bench.ApplyAsync(manifest);
        var first = (await bench.DocumentAsync()).GetProperty("traffic_splits")[0].GetProperty("entries").ToString();
        bench.Write($"\"bundles\":[{ApplyBench.Declared("app").Replace("app:1", "app:2", StringComparison.Ordinal)}]");
        await bench.ApplyAsync(manifest);
        bench.Write($"\"bundles\":[{ApplyBench.Declared("app")}]");
        (await bench.ApplyAsync(manifest)).GetProperty("changed").GetInt32().ShouldBe(1);
        var document = await bench.DocumentAsync();
        document.GetProperty("traffic_splits")[0].GetProperty("entries").ToString().ShouldBe(first, "the first revision is routed again");
        document.GetProperty("revisions").GetArrayLength().ShouldBe(2);
    }

    private static async Task<JsonElement> DeployerAsync(ApplyBench bench) =>
        (await bench.DocumentAsync()).GetProperty("packs").EnumerateArray().Single(pack => pack.GetProperty("slot").GetString() == "deployer");

    private static string? Action(JsonElement report, string kind) =>
        report.GetProperty("steps").EnumerateArray().Single(step => step.GetProperty("kind").GetString() == kind).GetProperty("action").GetString();
}
