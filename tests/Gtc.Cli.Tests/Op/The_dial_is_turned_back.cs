namespace Gtc.Cli.Tests.Op;

public class The_dial_is_turned_back
{
    [Fact, Trait("fact", "op-cli:23.9")]
    public async Task Once()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        var a = await Staged.ReadyAsync(cli);
        var b = await Staged.ReadyAsync(cli);
        await cli.OpAsync($"traffic set {a}=100% --idempotency-key k1");
        await cli.OpAsync($"traffic set {b}=100% --idempotency-key k2");
        var back = await cli.OpAsync("traffic rollback");
        back.GetRawText().ShouldBe($$"""
            {"environment_id":"local","deployment_id":"{{back.GetProperty("deployment_id").GetString()}}","bundle_id":"main","generation":2,"entries":[{"revision_id":"{{a}}","weight_bps":10000}],"has_previous":false,"idempotency_key":"rollback-k2"}
            """);
        (await Staged.RefusedAsync(cli, "traffic rollback")).Kind.ShouldBe("conflict");
        (await Staged.DialAsync(cli)).ShouldBe(back.GetRawText());
    }

    [Fact]
    public async Task Only_to_revisions_that_are_still_ready()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        var a = await Staged.ReadyAsync(cli);
        var b = await Staged.ReadyAsync(cli);
        await cli.OpAsync($"traffic set {a}=100%");
        await cli.OpAsync($"traffic set {b}=100%");
        await cli.OpAsync($"revisions drain --revision {a}");
        (await Staged.RefusedAsync(cli, "traffic rollback")).Message.ShouldContain("draining");
        (await cli.OpAsync("traffic show")).GetProperty("generation").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task A_cleared_dial_has_no_entries_and_a_generation_and_comes_back()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        var served = Path.Combine(cli.StoreRoot, "local", "runtime-config.json");
        (await Staged.RefusedAsync(cli, "traffic clear")).Kind.ShouldBe("not-found");
        var revision = await Staged.ReadyAsync(cli);
        await cli.OpAsync("traffic set");
        File.Exists(served).ShouldBe(TestCli.HasFolder);
        var cleared = await cli.OpAsync("traffic clear --idempotency-key c1");
        cleared.GetProperty("entries").GetRawText().ShouldBe("[]");
        cleared.GetProperty("generation").GetInt32().ShouldBe(1);
        cleared.GetProperty("has_previous").GetBoolean().ShouldBeTrue();
        cleared.GetProperty("idempotency_key").GetString().ShouldBe("c1");
        File.Exists(served).ShouldBeFalse();
        (await Staged.DialAsync(cli)).ShouldBe(cleared.GetRawText());
        (await cli.OpAsync("traffic clear")).GetRawText().ShouldBe(cleared.GetRawText(), "clearing what is cleared changes nothing");
        var back = await cli.OpAsync("traffic rollback");
        back.GetProperty("generation").GetInt32().ShouldBe(2);
        back.GetProperty("entries")[0].GetProperty("revision_id").GetString().ShouldBe(revision);
        File.Exists(served).ShouldBe(TestCli.HasFolder);
    }

    [Fact]
    public async Task At_a_terminal_a_set_says_how_to_undo_it_and_that_works_as_typed()
    {
        using var cli = new TestCli { IsTerminal = true };
        cli.SetVariable("GREENTIC_STORE_ROOT", cli.StoreRoot);
        await Staged.DeploymentAsync(cli);
        var a = await Staged.ReadyAsync(cli);
        var b = await Staged.ReadyAsync(cli);
        (await cli.RunAsync($"op traffic set {a}=100%")).Stdout.ShouldNotContain("undo");
        var page = await cli.RunAsync($"op traffic set {b}=100%");
        var undo = page.Stdout.Split('\n').Select(line => line.Trim()).Single(line => line.StartsWith("undo", StringComparison.Ordinal))["undo".Length..].Trim();
        undo.ShouldStartWith("gtc op traffic rollback local");
        (await cli.RunAsync(undo["gtc ".Length..])).Stdout.ShouldContain(a);
        (await cli.RunAsync("op traffic clear")).Stdout.ShouldContain("Nothing is routed to main.");
        (await cli.RunAsync("op traffic show")).Stdout.ShouldContain("is cleared · generation 3");
    }
}
