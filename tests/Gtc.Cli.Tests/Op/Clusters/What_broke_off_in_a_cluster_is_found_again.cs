using System.Net;

namespace Gtc.Cli.Tests.Op.Clusters;

public class What_broke_off_in_a_cluster_is_found_again
{
    [Theory]
    [InlineData("env reconcile")]
    [InlineData("env apply-revision --revision ID")]
    public async Task A_first_run_that_fails_halfway_is_taken_away_when_the_environment_ends(string verb)
    {
        await using var bench = await ClusterBench.OpenAsync();
        var revision = await bench.RoutedAsync();
        bench.Refuse("PATCH", "/deployments/");
        await Staged.RefusedAsync(bench.Cli, verb.Replace("ID", revision, StringComparison.Ordinal));
        bench.Cluster.Before = _ => Task.FromResult(false);
        bench.Cluster.Paths.Count().ShouldBeGreaterThan(1);

        (await bench.Cli.OpAsync("env destroy local --confirm --force")).GetProperty("deleted_objects").GetArrayLength().ShouldBeGreaterThan(0);
        bench.Cluster.Paths.ShouldBe([ClusterBench.Home]);
    }

    [Fact]
    public async Task Another_namespace_is_refused_although_the_first_was_never_healthy()
    {
        await using var bench = await ClusterBench.OpenAsync();
        var revision = await bench.RoutedAsync();
        bench.Refuse("PATCH", "/deployments/");
        await Staged.RefusedAsync(bench.Cli, "env reconcile");
        bench.Cli.Write("answers.json", """{"namespace":"elsewhere"}""");
        await bench.Cli.OpAsync($"env-packs update slot=deployer kind={ClusterBench.Kind} pack_ref=builtin answers_ref=answers.json");
        bench.Cluster.Asked.Clear();
        foreach (var verb in (string[])["env reconcile", $"env apply-revision --revision {revision}"])
        {
            (await Staged.RefusedAsync(bench.Cli, verb)).Message.ShouldBe("environment `local` runs in another place, which would go on", verb);
        }

        bench.Cluster.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_is_not_taken_for_none()
    {
        TestCli.NeedsFolder();
        await using var bench = await ClusterBench.OpenAsync();
        await bench.RoutedAsync();
        await bench.Cli.OpAsync("env reconcile");
        var before = bench.Cluster.Paths.Count();
        if (TestCli.IsRemote)
        {
            bench.Answer(HttpMethod.Get, "/runtime", HttpStatusCode.ServiceUnavailable);
        }
        else
        {
            await File.WriteAllTextAsync(Path.Combine(bench.Cli.StoreRoot, "local", "runtime.json"), "{", TestContext.Current.CancellationToken);
        }

        (await Staged.RefusedAsync(bench.Cli, "env destroy local --confirm --force")).Exit.ShouldBe(1);
        bench.Cli.Wire = null;
        bench.Cluster.Paths.Count().ShouldBe(before);
        (await bench.Cli.OpAsync("env list")).GetProperty("environments").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task Nothing_is_brought_where_the_place_cannot_be_written_down()
    {
        Assert.SkipUnless(TestCli.IsRemote, "a folder that cannot be written takes no other change either");
        await using var bench = await ClusterBench.OpenAsync();
        await bench.RoutedAsync();
        bench.Answer(HttpMethod.Put, "/runtime", HttpStatusCode.Forbidden);
        var refused = await Staged.RefusedAsync(bench.Cli, "env reconcile");
        (refused.Kind, bench.Cluster.Writes.Any()).ShouldBe(("unauthorized", false));
        bench.Cli.Wire = null;
        await bench.Cli.OpAsync("env reconcile");
    }

    [Theory]
    [InlineData("""{"theirs":"found"}""", true)]
    [InlineData("""{"cluster":{"context":null,"namespace":"elsewhere"}}""", false)]
    public async Task Of_two_that_begin_at_once_both_go_on_in_one_place_and_not_in_two(string theirs, bool goesOn)
    {
        Assert.SkipUnless(TestCli.IsRemote, "on files it is written down under their lock");
        await using var bench = await ClusterBench.OpenAsync();
        await bench.RoutedAsync();
        bench.PutFirst($$"""{"discovered":{{theirs}},"generated_by":"{{ClusterBench.Kind}}","expected_generation":0}""");
        if (goesOn)
        {
            await bench.Cli.OpAsync("env reconcile");
            (await bench.Cli.OpAsync("env show")).GetProperty("runtime").GetProperty("discovered").GetProperty("theirs").GetString().ShouldBe("found");
        }
        else
        {
            (await Staged.RefusedAsync(bench.Cli, "env reconcile")).Message.ShouldContain("runs in another place");
            bench.Cluster.Writes.ShouldBeEmpty();
        }
    }
}
