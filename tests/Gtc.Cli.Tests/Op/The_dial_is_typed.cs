using Gtc.Cli.Op.Traffic;

namespace Gtc.Cli.Tests.Op;

public class The_dial_is_typed
{
    [Fact, Trait("fact", "op-cli:23.8")]
    public async Task Percent_and_basis_points_sum_to_the_whole()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        var a = await Staged.ReadyAsync(cli);
        var b = await Staged.ReadyAsync(cli);
        var half = await cli.OpAsync($"traffic set {a}=50 {b}=50");
        half.GetProperty("entries").GetRawText().ShouldBe($$"""[{"revision_id":"{{a}}","weight_bps":5000},{"revision_id":"{{b}}","weight_bps":5000}]""");
        half.GetProperty("generation").GetInt32().ShouldBe(0);
        half.GetProperty("has_previous").GetBoolean().ShouldBeFalse();
        var third = await cli.OpAsync($"traffic set local {a}=33% {b}=67%");
        third.GetProperty("generation").GetInt32().ShouldBe(1);
        third.GetProperty("has_previous").GetBoolean().ShouldBeTrue();
        (await Staged.RefusedAsync(cli, $"traffic set {a}=9000bps")).Kind.ShouldBe("spec");
        (await Staged.DialAsync(cli)).ShouldBe(third.GetRawText());
    }

    [Fact, Trait("fact", "op-cli:23.8")]
    public async Task A_key_is_replayed_with_the_same_shares_and_refused_with_others()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        var a = await Staged.ReadyAsync(cli);
        var b = await Staged.ReadyAsync(cli);
        await cli.OpAsync($"traffic set {a}=60% {b}=40% --idempotency-key k1");
        var replayed = await cli.OpAsync($"traffic set {b}=40% {a}=60% --idempotency-key k1");
        replayed.GetProperty("generation").GetInt32().ShouldBe(0);
        (await Staged.RefusedAsync(cli, $"traffic set {a}=50% {b}=50% --idempotency-key k1")).Kind.ShouldBe("conflict");
        (await Staged.RefusedAsync(cli, $"traffic set {a}=50% {b}=50% idempotency_key:=\"\"")).Kind.ShouldBe("invalid-argument");
    }

    [Fact]
    public async Task Without_a_key_the_same_shares_are_a_replay_and_others_get_a_fresh_key()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        var a = await Staged.ReadyAsync(cli);
        var b = await Staged.ReadyAsync(cli);
        var first = await cli.OpAsync($"traffic set {a}=60% {b}=40%");
        var again = await cli.OpAsync($"traffic set {b}=4000bps {a}=60");
        again.GetRawText().ShouldBe(first.GetRawText());
        var other = await cli.OpAsync($"traffic set {a}=100%");
        other.GetProperty("generation").GetInt32().ShouldBe(1);
        other.GetProperty("idempotency_key").GetString().ShouldNotBe(first.GetProperty("idempotency_key").GetString());
    }

    [Fact, Trait("fact", "op-cli:23.8")]
    public async Task Only_ready_revisions_of_the_deployment_take_traffic()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        var staged = await Staged.RevisionAsync(cli);
        (await Staged.RefusedAsync(cli, $"traffic set {staged}=100%")).Kind.ShouldBe("conflict");
        (await Staged.RefusedAsync(cli, "traffic set")).Kind.ShouldBe("not-found");
        (await Staged.RefusedAsync(cli, "traffic set 01ARZ3NDEKTSV4RRFFQ69G5FAV=100%")).Kind.ShouldBe("not-found");
        await cli.OpAsync("bundles add bundle_id=other");
        (await Staged.RefusedAsync(cli, $"traffic set --deployment other {staged}=100%")).Kind.ShouldBe("invalid-argument");
    }

    [Fact]
    public async Task A_unique_prefix_names_a_revision_and_an_ambiguous_one_is_refused_with_the_choices()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        var a = await Staged.ReadyAsync(cli);
        var b = await Staged.ReadyAsync(cli);
        var unique = Enumerable.Range(1, 26).Select(length => a[..length]).First(prefix => !b.StartsWith(prefix, StringComparison.Ordinal));
        (await cli.OpAsync($"traffic set {unique}=100%")).GetProperty("entries")[0].GetProperty("revision_id").GetString().ShouldBe(a);
        var refused = await Staged.RefusedAsync(cli, $"traffic set {unique[..^1]}=100%");
        refused.Kind.ShouldBe("invalid-argument");
        refused.Error.GetProperty("details").EnumerateArray().Select(detail => detail.GetProperty("label").GetString()).ShouldBe([a, b]);
    }

    [Fact]
    public async Task Without_shares_the_newest_ready_revision_takes_everything()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        await Staged.ReadyAsync(cli);
        var newest = await Staged.ReadyAsync(cli);
        await Staged.RevisionAsync(cli);
        (await cli.OpAsync("traffic set")).GetProperty("entries")[0].GetProperty("revision_id").GetString().ShouldBe(newest);
    }

    [Fact]
    public async Task A_default_that_is_not_unique_lists_the_choices()
    {
        using var cli = new TestCli();
        var main = await Staged.DeploymentAsync(cli);
        var other = (await cli.OpAsync("bundles add bundle_id=other")).GetProperty("deployment_id").GetString();
        await Staged.RevisionAsync(cli, "deployment_id=main");
        await Staged.RevisionAsync(cli, "--deployment other");
        foreach (var line in new[] { "traffic set", "traffic show", $"revisions stage bundle_source_uri=http://h/b bundle_digest={Staged.Digest}" })
        {
            var refused = await Staged.RefusedAsync(cli, line);
            refused.Kind.ShouldBe("invalid-argument");
            refused.Error.GetProperty("details").EnumerateArray().Select(detail => detail.GetProperty("label").GetString()).ShouldBe([main, other]);
        }

        await cli.OpAsync("bundles add bundle_id=other customer_id=second");
        (await Staged.RefusedAsync(cli, "traffic show --deployment other")).Message.ShouldBe("name `other` has 2 deployments");

        var warm = await Staged.RefusedAsync(cli, "revisions warm");
        warm.Kind.ShouldBe("invalid-argument");
        warm.Error.GetProperty("details").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task Answers_say_the_same_and_basis_points_win()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        var a = await Staged.ReadyAsync(cli);
        cli.Write("t.yaml", $"entries:\n  - revision_id: {a}\n    weight_bps: 10000\n    weight_percent: 3\nupdated_by: ci\n");
        (await cli.OpAsync("traffic set --answers t.yaml")).GetProperty("entries")[0].GetProperty("weight_bps").GetInt32().ShouldBe(10_000);
        (await Staged.DocumentAsync(cli)).GetProperty("traffic_splits")[0].GetProperty("updated_by").GetString().ShouldBe("ci");
        cli.Write("u.yaml", $"entries:\n  - revision_id: {a}\n    weight_percent: 101\n");
        (await Staged.RefusedAsync(cli, "traffic set --answers u.yaml")).Kind.ShouldBe("invalid-argument");
    }

    [Fact]
    public async Task At_a_terminal_the_change_says_its_generation_and_the_undo_works_as_printed()
    {
        using var cli = new TestCli { IsTerminal = true };
        cli.SetVariable("GREENTIC_STORE_ROOT", cli.StoreRoot);
        await Staged.DeploymentAsync(cli);
        var a = await Staged.ReadyAsync(cli);
        var b = await Staged.ReadyAsync(cli);
        await cli.OpAsync($"traffic set {a}=90% {b}=10%");
        var changed = await cli.RunAsync($"op traffic set {b}=100%");
        changed.Stdout.ShouldContain("generation 0 → 1");
        var undo = changed.Stdout.Split('\n').Single(line => line.Contains("undo", StringComparison.Ordinal)).Trim()["undo".Length..].Trim();
        (await cli.RunAsync(undo["gtc ".Length..])).Exit.ShouldBe(0);
        (await cli.OpAsync("traffic show")).GetProperty("entries").GetRawText().ShouldBe($$"""[{"revision_id":"{{a}}","weight_bps":9000},{"revision_id":"{{b}}","weight_bps":1000}]""");
    }

    [Theory]
    [InlineData("90", 9_000)]
    [InlineData("90%", 9_000)]
    [InlineData("9000bps", 9_000)]
    [InlineData("12.5%", 1_250)]
    [InlineData("0.01", 1)]
    [InlineData("0", 0)]
    [InlineData("10000bps", 10_000)]
    public void A_weight_has_three_forms(string text, uint expected) => WeightText.Parse(text).Value.ShouldBe(expected);

    [Theory]
    [InlineData("")]
    [InlineData("%")]
    [InlineData("bps")]
    [InlineData("-5%")]
    [InlineData("0.001%")]
    [InlineData("0.5bps")]
    [InlineData("10001bps")]
    [InlineData("1e2%")]
    [InlineData(" 5%")]
    [InlineData("5 %")]
    [InlineData("all")]
    public void Anything_else_is_refused(string text) => WeightText.Parse(text).Refusal.ShouldBeOfType<Model.Refusal.InvalidArgument>();
}
