namespace Gtc.Cli.Tests.Op;

public class Deployments_change
{
    [Fact]
    public async Task What_is_not_given_stays_also_inside_the_route()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        await cli.OpAsync("bundles add bundle_id=shop --host a.test --path-prefix /a --tenant t --team ops config_overrides.p.k:=7");
        var before = await BundleAsync(cli);
        var updated = await cli.OpAsync("bundles update --deployment shop --host b.test");
        updated.GetProperty("hosts").GetRawText().ShouldBe("""["b.test"]""");
        var after = await BundleAsync(cli);
        after.GetProperty("route_binding").GetRawText().ShouldBe(before.GetProperty("route_binding").GetRawText().Replace("a.test", "b.test", StringComparison.Ordinal));
        foreach (var member in new[] { "status", "revenue_share", "revenue_policy_ref", "config_overrides", "customer_id" })
        {
            after.GetProperty(member).GetRawText().ShouldBe(before.GetProperty(member).GetRawText(), member);
        }

        await cli.OpAsync("bundles update --deployment shop route_binding.hosts=[] route_binding.tenant_selector.team=dev status=paused");
        var third = await BundleAsync(cli);
        third.GetProperty("route_binding").GetRawText().ShouldBe("""{"hosts":[],"path_prefixes":["/a"],"tenant_selector":{"tenant":"t","team":"dev"}}""");
        third.GetProperty("status").GetString().ShouldBe("paused");
        await cli.OpAsync("bundles update --deployment shop config_overrides={}");
        (await BundleAsync(cli)).TryGetProperty("config_overrides", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task New_shares_are_a_new_version_of_the_signed_policy()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        await cli.OpAsync("bundles update revenue_share=[{\"party_id\":\"a\",\"basis_points\":4000},{\"party_id\":\"b\",\"basis_points\":6000}]");
        (await cli.OpAsync("bundles verify-policy")).GetProperty("versions").GetArrayLength().ShouldBe(2);
        (await Staged.RefusedAsync(cli, "bundles update revenue_share=[{\"party_id\":\"a\",\"basis_points\":4000}]")).Kind.ShouldBe("spec");
        (await cli.OpAsync("bundles verify-policy")).GetProperty("versions").GetArrayLength().ShouldBe(2);
    }

    [Theory]
    [InlineData("bundles update", "invalid-argument", "nothing is to be changed")]
    [InlineData("bundles update status=gone", "invalid-argument", "active, paused or archived")]
    [InlineData("bundles update --path-prefix nope", "invalid-argument", "must start with /")]
    [InlineData("bundles update --deployment nope status=paused", "not-found", "nope")]
    [InlineData("bundles update route_binding.host=x", "answers-parse", "host")]
    [InlineData("bundles remove", "invalid-argument", "deployment_id")]
    [InlineData("bundles remove --deployment nope", "not-found", "nope")]
    public async Task Not_to_what_cannot_be(string line, string kind, string message)
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        var refused = await Staged.RefusedAsync(cli, line);
        refused.Kind.ShouldBe(kind, refused.Stderr);
        refused.Message.ShouldContain(message);
    }

    [Fact, Trait("fact", "op-cli:23.24"), Trait("fact", "environment-model:6.24")]
    public async Task One_is_removed_when_nothing_of_it_lives()
    {
        using var cli = new TestCli();
        var deployment = await Staged.DeploymentAsync(cli);
        var revision = await Staged.ReadyAsync(cli);
        await cli.OpAsync("traffic set");
        foreach (var word in new[] { "traffic clear", "revisions archive" })
        {
            var refused = await Staged.RefusedAsync(cli, "bundles remove --deployment main");
            refused.Kind.ShouldBe("conflict");
            var next = refused.Error.GetProperty("next").GetString()!;
            next.ShouldStartWith($"gtc op {word} local");
            await cli.OpAsync(next["gtc op ".Length..]);
        }

        var removed = await cli.OpAsync("bundles remove --deployment main");
        removed.GetProperty("deployment_id").GetString().ShouldBe(deployment);
        removed.GetProperty("pruned_revision_ids").GetRawText().ShouldBe($"[\"{revision}\"]");
        var document = await Staged.DocumentAsync(cli);
        document.GetProperty("bundles").GetArrayLength().ShouldBe(0);
        document.GetProperty("revisions").GetArrayLength().ShouldBe(0);
        (await Staged.RefusedAsync(cli, "bundles remove --deployment main")).Kind.ShouldBe("not-found");
    }

    [Fact]
    public async Task By_force_it_goes_with_its_traffic_and_its_revisions()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        await Staged.ReadyAsync(cli);
        await cli.OpAsync("traffic set");
        (await cli.OpAsync("bundles remove --deployment main --force")).GetProperty("pruned_revision_ids").GetArrayLength().ShouldBe(1);
        File.Exists(Path.Combine(cli.StoreRoot, "local", "runtime-config.json")).ShouldBeFalse();
    }

    private static async Task<System.Text.Json.JsonElement> BundleAsync(TestCli cli) => (await Staged.DocumentAsync(cli)).GetProperty("bundles")[1];
}
