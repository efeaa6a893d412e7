using System.Text.Json;

namespace Gtc.Cli.Tests.Op.Traffic;

public class Callers_are_explained
{
    private const int Callers = 1000;

    [Fact]
    public async Task A_caller_has_one_slot_and_a_revision_now_before_and_after_a_rollback()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        var a = await Staged.ReadyAsync(cli);
        var b = await Staged.ReadyAsync(cli);
        await cli.OpAsync($"traffic set {a}=100%");
        var first = await ExplainAsync(cli, "--caller alice");
        first.GetProperty("has_previous").GetBoolean().ShouldBeFalse();
        first.GetProperty("rollback_refused").GetString()!.ShouldContain("nothing to go back to");
        var alice = first.GetProperty("callers")[0];
        alice.GetProperty("now").GetString().ShouldBe(a);
        alice.GetProperty("before").ValueKind.ShouldBe(JsonValueKind.Null);

        await cli.OpAsync($"traffic set {b}=100%");
        var second = (await ExplainAsync(cli, "--caller alice")).GetProperty("callers")[0];
        second.GetProperty("slot").GetInt32().ShouldBe(alice.GetProperty("slot").GetInt32());
        second.GetProperty("now").GetString().ShouldBe(b);
        second.GetProperty("before").GetString().ShouldBe(a);
        second.GetProperty("after_rollback").GetString().ShouldBe(a);

        await cli.OpAsync("traffic rollback");
        (await ExplainAsync(cli, "--caller alice")).GetProperty("callers")[0].GetProperty("now").GetString().ShouldBe(a);
        await cli.OpAsync("traffic clear");
        var cleared = (await ExplainAsync(cli, "--caller alice")).GetProperty("callers")[0];
        cleared.GetProperty("now").ValueKind.ShouldBe(JsonValueKind.Null);
        cleared.GetProperty("after_rollback").GetString().ShouldBe(a);
    }

    [Fact]
    public async Task A_ramp_with_three_revisions_moves_callers_only_to_the_rising_one_and_bystanders_never()
    {
        using var cli = new TestCli();
        cli.Write("callers.txt", string.Concat(Enumerable.Range(0, Callers).Select(number => $"user-{number}@example.com\r\n\n")));
        await Staged.DeploymentAsync(cli);
        var a = await Staged.ReadyAsync(cli);
        var b = await Staged.ReadyAsync(cli);
        var c = await Staged.ReadyAsync(cli);
        await cli.OpAsync($"traffic set {a}=70% {b}=25% {c}=5%");
        var before = await GivenAsync(cli);
        var moved = new HashSet<string>();
        var share = 500;
        foreach (var next in new[] { 501, 900, 2500, 4000, 7000, 7500 })
        {
            await cli.OpAsync($"traffic set {a}={7500 - next}bps {b}=2500bps {c}={next}bps");
            var explanation = await ExplainAsync(cli, "--callers-from callers.txt");
            var now = Given(explanation, "now");
            Given(explanation, "before").ShouldBe(before);
            Given(explanation, "after_rollback").ShouldBe(before);
            var changed = now.Where(caller => before[caller.Key] != caller.Value).ToList();
            changed.ShouldAllBe(caller => caller.Value == c && before[caller.Key] == a);
            changed.ShouldAllBe(caller => moved.Add(caller.Key), "nobody moves twice");
            explanation.GetProperty("moved").GetInt32().ShouldBe(changed.Count);
            changed.Count.ShouldBeInRange((int)((next - share) * 0.1 * 0.6) - 15, (int)((next - share) * 0.1 * 1.4) + 15);
            var rising = explanation.GetProperty("shares").EnumerateArray().Single(one => one.GetProperty("revision_id").GetString() == c);
            (rising.GetProperty("came").GetInt32(), rising.GetProperty("left").GetInt32()).ShouldBe((changed.Count, 0));
            rising.GetProperty("callers").GetInt32().ShouldBe(now.Count(caller => caller.Value == c));
            (before, share) = (now, next);
        }

        before.Values.ShouldNotContain(a);
        var last = before;
        await cli.OpAsync("traffic rollback");
        (await GivenAsync(cli)).ShouldNotBe(last);
    }

    [Fact]
    public async Task A_rollback_that_would_be_refused_says_why()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        var a = await Staged.ReadyAsync(cli);
        var b = await Staged.ReadyAsync(cli);
        await cli.OpAsync($"traffic set {a}=100%");
        await cli.OpAsync($"traffic set {b}=100%");
        await cli.OpAsync($"revisions drain revision_id={a}");
        var explanation = await ExplainAsync(cli, "--caller alice");
        explanation.GetProperty("rollback_refused").GetString()!.ShouldContain(a);
        explanation.GetProperty("callers")[0].GetProperty("before").GetString().ShouldBe(a);
        explanation.GetProperty("callers")[0].GetProperty("after_rollback").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task Several_callers_come_as_flags_as_answers_or_on_standard_input()
    {
        using var cli = new TestCli { Stdin = "alice\nbob\n" };
        await Staged.DeploymentAsync(cli);
        await Staged.ReadyAsync(cli);
        await cli.OpAsync("traffic set");
        cli.Write("e.json", """{"callers":["alice","bob"]}""");
        var flags = await ExplainAsync(cli, "--caller alice --caller bob");
        (await ExplainAsync(cli, "--answers e.json")).GetRawText().ShouldBe(flags.GetRawText());
        (await ExplainAsync(cli, "--callers-from -")).GetRawText().ShouldBe(flags.GetRawText());
        (await ExplainAsync(cli, "--caller alice --callers-from -")).GetProperty("callers").GetArrayLength().ShouldBe(3);
    }

    [Fact]
    public async Task Without_callers_with_too_many_or_without_a_dial_it_is_refused()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        await Staged.ReadyAsync(cli);
        (await Staged.RefusedAsync(cli, "traffic explain --caller alice")).Kind.ShouldBe("not-found");
        await cli.OpAsync("traffic set");
        (await Staged.RefusedAsync(cli, "traffic explain")).Message.ShouldContain("0 callers");
        (await Staged.RefusedAsync(cli, $"traffic explain --caller {new string('x', 1025)}")).Message.ShouldContain("1025 bytes");
        (await Staged.RefusedAsync(cli, "traffic explain --callers-from absent.txt")).Message.ShouldContain("absent.txt");
        cli.Write("many.txt", string.Concat(Enumerable.Repeat("x\n", 10_001)));
        (await Staged.RefusedAsync(cli, "traffic explain --callers-from many.txt")).Message.ShouldContain("10001 callers");
    }

    [Fact]
    public async Task At_a_terminal_it_is_a_table_with_what_moved()
    {
        using var cli = new TestCli { IsTerminal = true, Width = 140 };
        await Staged.DeploymentAsync(cli);
        var a = await Staged.ReadyAsync(cli);
        var b = await Staged.ReadyAsync(cli);
        await cli.OpAsync($"traffic set {a}=100%");
        await cli.OpAsync($"traffic set {b}=100%");
        var run = await cli.RunAsync($"op traffic explain --caller alice --caller bob --store-root {cli.StoreRoot}");
        run.Exit.ShouldBe(0, run.Stderr);
        run.Stdout.ShouldContain("Callers of main · generation 1");
        run.Stdout.Split('\n').Single(line => line.Contains("alice", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[2..].ShouldBe([b, a, a]);
        run.Stdout.ShouldContain("moved by the last change  2");
        run.Stdout.ShouldContain("gtc op traffic rollback local --deployment");
    }

    private static Task<JsonElement> ExplainAsync(TestCli cli, string more) => cli.OpAsync($"traffic explain {more}");

    private static async Task<Dictionary<string, string>> GivenAsync(TestCli cli) => Given(await ExplainAsync(cli, "--callers-from callers.txt"), "now");

    private static Dictionary<string, string> Given(JsonElement explanation, string when) =>
        explanation.GetProperty("callers").EnumerateArray().ToDictionary(caller => caller.GetProperty("caller").GetString()!, caller => caller.GetProperty(when).GetString()!);
}
