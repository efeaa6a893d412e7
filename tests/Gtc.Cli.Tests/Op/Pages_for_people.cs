namespace Gtc.Cli.Tests.Op;

public class Pages_for_people
{
    [Fact]
    public async Task Look_like_this()
    {
        using var cli = new TestCli { Width = 110 };
        cli.SetVariable("GREENTIC_STORE_ROOT", cli.StoreRoot);
        await cli.OpAsync("env create staging --name Staging --region eu --public-url https://chat.example.com");
        await Staged.DeploymentAsync(cli);
        const string A = "01ARZ3NDEKTSV4RRFFQ69G5FA1", B = "01ARZ3NDEKTSV4RRFFQ69G5FB2";
        await Staged.ReadyAsync(cli, $"revision_id={A}");
        cli.Time.Advance(TimeSpan.FromMinutes(5));
        await Staged.ReadyAsync(cli, $"revision_id={B}");
        await cli.OpAsync($"traffic set {A}=90% {B}=10%");
        cli.Time.Advance(TimeSpan.FromSeconds(30));

        (await PageAsync(cli, "env list")).ShouldBe("""
            ENVIRONMENT  NAME     DEPLOYMENTS  REVISIONS  PUBLIC URL                REGION
            local        local    1            2
            staging      Staging  0            0          https://chat.example.com  eu

            """.ReplaceLineEndings("\n"));
        (await PageAsync(cli, "traffic show")).ShouldBe("""
            Traffic of main · generation 0 · set 30 s ago by operator
            REVISION                    SHARE  POINTER  STATE  STAGED
            01ARZ3NDEKTSV4RRFFQ69G5FA1  90 %   stable   ready  5 min ago
            01ARZ3NDEKTSV4RRFFQ69G5FB2  10 %   next     ready  30 s ago

            """.ReplaceLineEndings("\n"));
        (await PageAsync(cli, "revisions list")).ShouldBe("""
            REVISION                    BUNDLE  #  STATE  STAGED     DIGEST                SOURCE
            01ARZ3NDEKTSV4RRFFQ69G5FA1  main    1  ready  5 min ago  sha256:111111111111…  http://127.0.0.1:9/b.gtbundle
            01ARZ3NDEKTSV4RRFFQ69G5FB2  main    2  ready  30 s ago   sha256:111111111111…  http://127.0.0.1:9/b.gtbundle

            """.ReplaceLineEndings("\n"));
        (await PageAsync(cli, "env show staging")).ShouldBe("""
            Environment staging · Staging
              listens on  127.0.0.1:8080
              public url  https://chat.example.com
              region      eu
              env-packs   none

            It has no deployment yet.

            """.ReplaceLineEndings("\n"));
        (await PageAsync(cli, "env show")).ShouldContain("  ready  10 %   30 s ago");
    }

    private static async Task<string> PageAsync(TestCli cli, string verb)
    {
        var run = await cli.RunAsync($"op {verb} --format table");
        run.Exit.ShouldBe(0, run.Stderr);
        run.Stderr.ShouldBeEmpty();
        return run.Stdout;
    }
}
