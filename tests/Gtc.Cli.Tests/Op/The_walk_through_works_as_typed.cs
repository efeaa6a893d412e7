using Gtc.Cli.Tests.Bundle;

namespace Gtc.Cli.Tests.Op;

public class The_walk_through_works_as_typed
{
    [Fact]
    public async Task With_the_smallest_real_bundle()
    {
        using var cli = new TestCli();
        TestBundles.CopyFixture("perf-smoke-bundle.gtbundle", cli.Folder);
        await RunAsync(cli, "perf-smoke-bundle.gtbundle", TestBundles.PerfSmokeDigest, "perf-smoke-bundle");
    }

    [Fact]
    public async Task With_a_bundle_that_gtc_built()
    {
        using var cli = new TestCli();
        var built = await TestBundles.BuildAsync(cli.Folder, "greeter");
        await RunAsync(cli, "greeter.gtbundle", built.Digest.ToString(), "greeter");
    }

    [Fact]
    public async Task At_a_terminal_it_says_what_to_do_next_until_traffic_flows()
    {
        using var cli = new TestCli { IsTerminal = true };
        await TestBundles.BuildAsync(cli.Folder, "greeter");
        var line = "op env create";
        var typed = new List<string>();
        while (typed.Count < 10)
        {
            var run = await cli.RunAsync(line);
            run.Exit.ShouldBe(0, $"{line}: {run.Stderr}");
            typed.Add(line);
            var next = run.Stdout.Split('\n').Select(text => text.Trim()).FirstOrDefault(text => text.StartsWith("next ", StringComparison.Ordinal));
            if (next is null)
            {
                break;
            }

            line = next["next".Length..].Trim()["gtc ".Length..].Replace("BUNDLE.gtbundle", "greeter.gtbundle", StringComparison.Ordinal);
        }

        typed.ShouldBe(["op env create", "op trust-root bootstrap", "op bundles add", "op revisions stage bundle_path=greeter.gtbundle", "op revisions warm", "op traffic set"]);
    }

    private static async Task RunAsync(TestCli cli, string file, string digest, string bundleId)
    {
        cli.SetVariable("GREENTIC_STORE_ROOT", cli.StoreRoot);
        async Task<TestRun> Type(string line)
        {
            cli.Time.Advance(TimeSpan.FromSeconds(1));
            var run = await cli.RunAsync(line);
            run.Exit.ShouldBe(0, $"{line}: {run.Stderr}");
            return run;
        }

        await Type("op env create");
        await Type("op trust-root bootstrap local");
        var deployment = (await Type("op bundles add")).Result.GetProperty("deployment_id").GetString();
        var staged = (await Type($"op revisions stage bundle_path={file} bundle_source_uri=http://127.0.0.1:8090/bundle.gtbundle")).Result;
        var revision = staged.GetProperty("revision_id").GetString();
        staged.GetProperty("lifecycle").GetString().ShouldBe("staged");
        staged.GetProperty("bundle_digest").GetString().ShouldBe(digest);
        staged.GetProperty("digest_origin").GetString().ShouldBe("computed");
        staged.GetProperty("warnings")[0].GetString().ShouldBe($"the bundle calls itself `{bundleId}`, the deployment is of `main`");
        (await Type("op revisions warm")).Result.GetProperty("lifecycle").GetString().ShouldBe("ready");
        var split = (await Type("op traffic set")).Result;
        split.GetProperty("generation").GetInt32().ShouldBe(0);
        split.GetProperty("entries").GetRawText().ShouldBe($$"""[{"revision_id":"{{revision}}","weight_bps":10000}]""");

        var document = (await Type("op env show")).Result.GetProperty("environment");
        document.GetProperty("environment_id").GetString().ShouldBe("local");
        document.GetProperty("bundles")[0].GetProperty("deployment_id").GetString().ShouldBe(deployment);
        document.GetProperty("bundles")[0].GetProperty("route_binding").GetProperty("path_prefixes").GetRawText().ShouldBe("""["/"]""");
        document.GetProperty("bundles")[0].GetProperty("revenue_policy_ref").GetString().ShouldBe("billing-policies/main/local-dev/v1.json.sig");
        var pinned = document.GetProperty("revisions")[0];
        pinned.GetProperty("bundle_digest").GetString().ShouldBe(digest);
        pinned.GetProperty("bundle_source_uri").GetString().ShouldBe("http://127.0.0.1:8090/bundle.gtbundle");
        pinned.GetProperty("pack_list_lock_ref").GetString().ShouldBe($"revisions/{revision}/pack-list.lock");

        cli.AuditLines().Length.ShouldBe(6);
        if (!TestCli.HasFolder)
        {
            return;
        }

        var folder = Path.Combine(cli.StoreRoot, "local");
        File.Exists(Path.Combine(folder, "runtime-config.json")).ShouldBeTrue();
        var kept = TestCli.IsRemote ? Path.Combine(cli.StoreRoot, ".server", "artifacts", "sha256", digest["sha256:".Length..]) : Path.Combine(folder, "revisions", revision!, "bundle.gtbundle");
        File.ReadAllBytes(kept).ShouldBe(File.ReadAllBytes(Path.Combine(cli.Folder, file)));
    }
}
