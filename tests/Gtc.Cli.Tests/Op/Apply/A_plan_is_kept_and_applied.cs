using System.Text.Json;

namespace Gtc.Cli.Tests.Op.Apply;

public class A_plan_is_kept_and_applied
{
    private const string Bundle = "\"trust_root\":\"bootstrap\",\"bundles\":[{\"bundle_id\":\"app\",\"bundle_path\":\"app.gtbundle\"}]";

    [Fact]
    public async Task What_is_applied_is_what_was_planned_down_to_the_ids()
    {
        using var bench = new ApplyBench();
        await bench.BuildAsync("app");
        var planned = await PlanAsync(bench, Bundle);
        planned.GetProperty("written_to").GetString().ShouldEndWith("plan.json");
        var plan = planned.GetProperty("plan");
        plan.GetProperty("base_generation").GetUInt64().ShouldBe(0ul);
        var revision = planned.GetProperty("deployer").GetProperty("objects")[0];
        (revision.GetProperty("action").GetString(), revision.GetProperty("kind").GetString()).ShouldBe(("create", "worker"));
        plan.GetProperty("traffic")[0].GetProperty("moved_bps").GetInt32().ShouldBe(10_000);

        bench.Cli.Time.Advance(TimeSpan.FromHours(1));
        var run = await bench.RunAsync("env apply --plan-file plan.json");
        run.Exit.ShouldBe(0, run.Stderr);
        var document = await bench.DocumentAsync();
        document.GetProperty("revisions")[0].GetProperty("revision_id").GetString().ShouldBe(revision.GetProperty("name").GetString());
        document.GetProperty("traffic_splits")[0].GetProperty("deployment_id").GetString().ShouldBe(plan.GetProperty("traffic")[0].GetProperty("deployment_id").GetString());
        (await bench.RefusedAsync("env apply --plan-file plan.json")).Kind.ShouldBe("conflict", "the environment has moved on");
    }

    [Fact]
    public async Task A_write_in_between_makes_it_stale()
    {
        using var bench = new ApplyBench();
        await bench.Cli.OpAsync("env init");
        await bench.BuildAsync("app");
        await PlanAsync(bench, Bundle);
        await bench.Cli.OpAsync("bundles add bundle_id=other");
        var refused = await bench.RefusedAsync("env apply --plan-file plan.json");
        refused.Kind.ShouldBe("conflict");
        refused.Message.ShouldContain("generation 1 was expected, the environment is at 2");
    }

    [Fact]
    public async Task A_bundle_that_changed_is_refused_and_nothing_is_written()
    {
        using var bench = new ApplyBench();
        await bench.BuildAsync("app");
        await PlanAsync(bench, Bundle);
        await bench.BuildAsync("app", "Another greeting");
        var refused = await bench.RefusedAsync("env apply --plan-file plan.json");
        refused.Kind.ShouldBe("conflict");
        refused.Stderr.ShouldContain("deploy-bundle app/local-dev");
        Directory.Exists(Path.Combine(bench.Cli.StoreRoot, "local")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_manifest_beside_it_must_be_its_own()
    {
        using var bench = new ApplyBench();
        await bench.BuildAsync("app");
        await PlanAsync(bench, Bundle);
        var other = bench.Write("\"trust_root\":\"bootstrap\"", "other.json");
        (await bench.RefusedAsync($"env apply --plan-file plan.json --answers {other}")).Message.ShouldContain("not the one that was planned");
        (await bench.RunAsync("env apply --plan-file plan.json --answers manifests/env.json")).Exit.ShouldBe(0);
    }

    [Fact]
    public async Task An_altered_plan_is_refused()
    {
        using var bench = new ApplyBench();
        await bench.BuildAsync("app");
        await PlanAsync(bench, Bundle);
        var file = Path.Combine(bench.Cli.Folder, "plan.json");
        var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(file, text.Replace("\"moved_bps\":10000", "\"moved_bps\":1", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var refused = await bench.RefusedAsync("env apply --plan-file plan.json");
        (refused.Kind, refused.Message).ShouldBe(("conflict", "the plan was altered after it was made"));
        (await bench.RefusedAsync("env apply --plan-file absent.json")).Kind.ShouldBe("io");
    }

    [Fact]
    public async Task The_share_of_callers_that_move_is_told_per_deployment()
    {
        using var bench = new ApplyBench();
        static string Split(int first) => $$"""
            "trust_root":"bootstrap","bundles":[{"bundle_id":"app","revisions":[
              {"name":"a","bundle_source_uri":"oci://127.0.0.1:9/a:1","bundle_digest":"{{ApplyBench.Digest}}","weight_percent":{{first}}},
              {"name":"b","bundle_source_uri":"oci://127.0.0.1:9/b:1","bundle_digest":"{{ApplyBench.Digest}}","weight_percent":{{100 - first}}}]}]
            """;
        await bench.ApplyAsync(bench.Write(Split(90)));
        var planned = await PlanAsync(bench, Split(50));
        planned.GetProperty("plan").GetProperty("traffic")[0].GetProperty("moved_bps").GetInt32().ShouldBe(4_000);
        planned.GetProperty("deployer").GetProperty("objects").GetArrayLength().ShouldBe(0, "no worker starts or stops");
        (await bench.RunAsync("env apply --plan-file plan.json")).Exit.ShouldBe(0);
    }

    [Fact]
    public async Task A_deployer_that_cannot_be_asked_is_said_to_be_unknown()
    {
        using var bench = new ApplyBench();
        var planned = await PlanAsync(bench, "\"packs\":[{\"slot\":\"deployer\",\"kind\":\"greentic.deployer.aws-ecs@1.0.0\",\"pack_ref\":\"builtin\"}]");
        planned.GetProperty("deployer").GetProperty("is_known").GetBoolean().ShouldBeFalse();
        planned.GetProperty("deployer").GetProperty("note").GetString()!.ShouldContain("not known");
    }

    [Fact]
    public async Task The_objects_of_a_cluster_that_would_change_are_named()
    {
        const string Packs = "\"packs\":[{\"slot\":\"deployer\",\"kind\":\"greentic.deployer.k8s@1.0.0\",\"pack_ref\":\"builtin\",\"answers\":{\"router_replicas\":REPLICAS}}]";
        using var bench = new ApplyBench();
        var planned = await PlanAsync(bench, Packs.Replace("REPLICAS", "2", StringComparison.Ordinal));
        planned.GetProperty("deployer").GetProperty("is_known").GetBoolean().ShouldBeTrue();
        var objects = planned.GetProperty("deployer").GetProperty("objects").EnumerateArray().ToList();
        objects.Count.ShouldBe(13);
        objects.ShouldAllBe(item => item.GetProperty("action").GetString() == "create");
        objects[3].GetProperty("name").GetString().ShouldBe("gtc-router");
        (await bench.RunAsync("env apply --plan-file plan.json")).Exit.ShouldBe(0);

        File.Delete(Path.Combine(bench.Cli.Folder, "plan.json"));
        var again = await PlanAsync(bench, Packs.Replace("REPLICAS", "3", StringComparison.Ordinal));
        var changed = again.GetProperty("deployer").GetProperty("objects").EnumerateArray().Select(item => $"{item.GetProperty("action").GetString()} {item.GetProperty("kind").GetString()} {item.GetProperty("name").GetString()}").ToList();
        changed.ShouldContain("change Deployment gtc-router");
        changed.ShouldNotContain(item => item.Contains("NetworkPolicy", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_does_not_replace_a_file_and_is_pleasant_to_read()
    {
        using var bench = new ApplyBench();
        await PlanAsync(bench, $"\"bundles\":[{ApplyBench.Declared("app")}]");
        (await bench.RefusedAsync("plan --answers manifests/env.json --out plan.json")).Message.ShouldContain("exists already");
        var page = await bench.Cli.RunAsync($"op plan --answers manifests/env.json --store-root {bench.Cli.StoreRoot} --format table");
        page.Stdout.ShouldContain("Environment local · from generation 0 · valid until someone else writes");
        page.Stdout.ShouldContain("+ deployments/app@local-dev   active");
        page.Stdout.ShouldContain("starts");
    }

    private static async Task<JsonElement> PlanAsync(ApplyBench bench, string sections)
    {
        var run = await bench.RunAsync($"plan --answers {bench.Write(sections)} --out plan.json");
        run.Exit.ShouldBe(0, run.Stderr);
        return run.Result;
    }
}
