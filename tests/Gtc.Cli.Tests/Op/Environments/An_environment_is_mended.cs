using System.Text.Json;
using Gtc.Cli.Tests.Bundle;

namespace Gtc.Cli.Tests.Op.Environments;

public class An_environment_is_mended
{
    [Fact, Trait("fact", "op-cli:23.33"), Trait("fact", "store:9.24")]
    public async Task A_routed_revision_without_its_files_leaves_the_split_and_the_others_keep_their_proportions()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        await TestBundles.BuildAsync(cli.Folder, "main");
        var ids = new List<string>();
        for (var number = 0; number < 3; number++)
        {
            cli.Time.Advance(TimeSpan.FromSeconds(1));
            var staged = await cli.OpAsync("revisions stage bundle_path=main.gtbundle");
            ids.Add(staged.GetProperty("revision_id").GetString()!);
            await cli.OpAsync($"revisions warm revision_id={ids[^1]}");
        }

        await cli.OpAsync($"traffic set {ids[0]}=50% {ids[1]}=30% {ids[2]}=20%");
        (await cli.OpAsync("env repair")).GetProperty("stale_revisions").GetArrayLength().ShouldBe(0);
        File.Delete(Path.Combine(cli.StoreRoot, "local", "revisions", ids[0], "pack-list.lock"));

        var check = await cli.OpAsync("env repair --check");
        check.GetProperty("mode").GetString().ShouldBe("check");
        check.GetProperty("repaired").GetBoolean().ShouldBeFalse();
        var stale = check.GetProperty("stale_revisions").EnumerateArray().Single();
        stale.GetProperty("revision_id").GetString().ShouldBe(ids[0]);
        stale.GetProperty("recorded_pack_list_lock_ref").GetString().ShouldBe($"revisions/{ids[0]}/pack-list.lock");
        Split(await Staged.DocumentAsync(cli)).GetProperty("entries").GetArrayLength().ShouldBe(3);

        var before = Split(await Staged.DocumentAsync(cli)).GetProperty("generation").GetUInt64();
        var apply = await cli.OpAsync("env repair --apply");
        apply.GetProperty("mode").GetString().ShouldBe("apply");
        apply.GetProperty("repaired").GetBoolean().ShouldBeTrue();
        apply.GetProperty("stale_revisions").GetArrayLength().ShouldBe(1);
        var after = await Staged.DocumentAsync(cli);
        Split(after).GetProperty("generation").GetUInt64().ShouldBe(before + 1);
        Split(after).GetProperty("entries").EnumerateArray().Select(entry => (entry.GetProperty("revision_id").GetString(), entry.GetProperty("weight_bps").GetUInt32()))
            .ShouldBe([(ids[1], 6000u), (ids[2], 4000u)]);
        after.GetProperty("revisions")[0].GetProperty("lifecycle").GetString().ShouldBe("archived");
        var served = await File.ReadAllTextAsync(Path.Combine(cli.StoreRoot, "local", "runtime-config.json"), TestContext.Current.CancellationToken);
        served.ShouldNotContain(ids[0]);

        var again = await cli.OpAsync("env repair --apply");
        again.GetProperty("repaired").GetBoolean().ShouldBeFalse();
        (await Staged.RefusedAsync(cli, "env repair --apply --check")).Kind.ShouldBe("invalid-argument");
        (await Staged.RefusedAsync(cli, "env repair nowhere")).Kind.ShouldBe("not-found");
    }

    [Fact]
    public async Task A_revision_that_can_be_pulled_again_is_not_stale()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        await Staged.ReadyAsync(cli);
        await cli.OpAsync("traffic set");
        (await cli.OpAsync("env repair --apply")).GetProperty("stale_revisions").GetArrayLength().ShouldBe(0);
        Split(await Staged.DocumentAsync(cli)).GetProperty("entries").GetArrayLength().ShouldBe(1);
    }

    private static JsonElement Split(JsonElement document) => document.GetProperty("traffic_splits")[0];
}
