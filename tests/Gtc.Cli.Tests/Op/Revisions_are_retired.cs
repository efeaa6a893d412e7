namespace Gtc.Cli.Tests.Op;

public class Revisions_are_retired
{
    [Fact, Trait("fact", "op-cli:23.10")]
    public async Task From_staged_to_archived()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        var revision = await Staged.RevisionAsync(cli);
        (await Staged.RefusedAsync(cli, $"revisions drain --revision {revision}")).Kind.ShouldBe("conflict");
        (await cli.OpAsync($"revisions warm revision_id={revision}")).GetProperty("lifecycle").GetString().ShouldBe("ready");
        (await cli.OpAsync($"revisions warm revision_id={revision}")).GetProperty("lifecycle").GetString().ShouldBe("ready");
        var next = await Staged.ReadyAsync(cli);
        await cli.OpAsync($"traffic set {revision}=90% {next}=10%");
        var routed = await Staged.RefusedAsync(cli, $"revisions archive --revision {revision}");
        routed.Kind.ShouldBe("conflict");
        routed.Message.ShouldContain("named by a traffic split");
        await cli.OpAsync($"traffic set {next}=100%");
        var archived = await cli.OpAsync($"revisions archive --revision {revision}");
        archived.GetProperty("lifecycle").GetString().ShouldBe("archived");
        archived.EnumerateObject().Select(member => member.Name).Take(5).ShouldBe(["revision_id", "deployment_id", "bundle_id", "sequence", "lifecycle"]);
        (await cli.OpAsync($"revisions archive --revision {revision}")).GetRawText().ShouldBe(archived.GetRawText());
        (await cli.OpAsync("bundles list")).GetProperty("deployments")[0].GetProperty("current_revision_count").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task Draining_again_changes_nothing_and_a_drained_one_is_archived()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        var revision = await Staged.ReadyAsync(cli);
        (await cli.OpAsync($"revisions drain revision_id={revision[..20]}")).GetProperty("lifecycle").GetString().ShouldBe("draining");
        var generation = (await Staged.DocumentAsync(cli)).GetProperty("env_generation").GetInt64();
        await cli.OpAsync($"revisions drain --revision {revision}");
        (await Staged.DocumentAsync(cli)).GetProperty("env_generation").GetInt64().ShouldBe(generation);
        (await Staged.RefusedAsync(cli, $"revisions warm revision_id={revision}")).Kind.ShouldBe("conflict");
        (await cli.OpAsync($"revisions archive --revision {revision}")).GetProperty("lifecycle").GetString().ShouldBe("archived");
    }

    [Fact]
    public async Task A_failed_one_is_put_back_and_the_refusal_says_how()
    {
        TestCli.NeedsFiles("what was unpacked is damaged in the folder");
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        await Bundle.TestBundles.BuildAsync(cli.Folder, "main");
        var revision = (await cli.OpAsync("revisions stage bundle_path=main.gtbundle")).GetProperty("revision_id").GetString()!;
        var pack = Directory.GetFiles(Path.Combine(cli.StoreRoot, "local", "revisions", revision), "*.gtpack", SearchOption.AllDirectories).Single();
        var whole = await File.ReadAllBytesAsync(pack, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(pack, whole[..^1], TestContext.Current.CancellationToken);
        await Staged.RefusedAsync(cli, "revisions warm");
        await File.WriteAllBytesAsync(pack, whole, TestContext.Current.CancellationToken);
        var again = await Staged.RefusedAsync(cli, $"revisions warm revision_id={revision}");
        var next = again.Error.GetProperty("next").GetString()!;
        next.ShouldBe($"gtc op revisions retry local --revision {revision}");
        (await cli.OpAsync(next["gtc op ".Length..])).GetProperty("lifecycle").GetString().ShouldBe("staged");
        (await cli.OpAsync("revisions warm")).GetProperty("lifecycle").GetString().ShouldBe("ready");
        (await Staged.RefusedAsync(cli, $"revisions retry --revision {revision}")).Kind.ShouldBe("conflict");
    }

    [Fact]
    public async Task By_force_the_traffic_is_cleared_first()
    {
        using var cli = new TestCli();
        var deployment = await Staged.DeploymentAsync(cli);
        var revision = await Staged.ReadyAsync(cli);
        var idle = await Staged.ReadyAsync(cli);
        await cli.OpAsync($"traffic set {revision}=100% {idle}=0%");
        (await cli.OpAsync($"revisions archive --revision {revision} --force")).GetProperty("lifecycle").GetString().ShouldBe("archived");
        var dial = await cli.OpAsync("traffic show");
        dial.GetProperty("entries").GetArrayLength().ShouldBe(0);
        dial.GetProperty("generation").GetInt32().ShouldBe(1);
        File.Exists(Path.Combine(cli.StoreRoot, "local", "runtime-config.json")).ShouldBeFalse();
        var last = cli.AuditLines()[^1];
        if (!TestCli.IsRemote)
        {
            last.ShouldContain("\"previous_generation\":0,\"new_generation\":1", customMessage: "those of the dial; a server's line has those of the environment");
        }

        last.ShouldContain(deployment);
    }

    [Fact]
    public async Task Not_by_force_while_others_carry_traffic_and_the_way_out_is_named()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        var bad = await Staged.ReadyAsync(cli);
        var good = await Staged.ReadyAsync(cli);
        await cli.OpAsync($"traffic set {bad}=10% {good}=90%");
        var refused = await Staged.RefusedAsync(cli, $"revisions archive --revision {bad} --force");
        refused.Kind.ShouldBe("conflict");
        await cli.OpAsync(refused.Error.GetProperty("next").GetString()!["gtc op ".Length..]);
        (await cli.OpAsync("traffic show")).GetProperty("entries").GetRawText().ShouldBe($$"""[{"revision_id":"{{good}}","weight_bps":10000}]""");
        (await cli.OpAsync($"revisions archive --revision {bad} --force")).GetProperty("lifecycle").GetString().ShouldBe("archived");
    }
}
