namespace Gtc.Cli.Tests.Op.Environments;

public class Old_history_is_given_up
{
    [Fact]
    public async Task Only_by_verbs_that_say_how_much_stays()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env create");
        cli.Time.Advance(TimeSpan.FromDays(3));
        await cli.OpAsync("env update --name later");
        var compacted = await cli.OpAsync("env compact --keep 1");
        compacted.GetProperty("removed_segments").GetInt32().ShouldBe(0, "a file goes whole or not at all");
        compacted.GetProperty("oldest_generation").GetUInt64().ShouldBe(1ul);
        (await Staged.RefusedAsync(cli, "env compact --keep 0")).Kind.ShouldBe("invalid-argument");
        (await Staged.RefusedAsync(cli, "env compact")).Kind.ShouldBe("invalid-argument");

        (await Staged.RefusedAsync(cli, "audit prune")).Kind.ShouldBe("invalid-argument");
        var pruned = await cli.OpAsync("audit prune --keep-days 1 --archive old.jsonl");
        pruned.GetProperty("removed_lines").GetInt32().ShouldBe(1);
        (await cli.OpAsync("audit verify")).GetProperty("lines").GetInt64().ShouldBe(5);
        (await cli.RunAsync($"audit verify {cli.StoreRoot}/local/audit/events.jsonl --after old.jsonl")).Result.GetProperty("lines").GetInt64().ShouldBe(6);
        (await cli.OpAsync("audit show --verb prune")).GetProperty("events").GetArrayLength().ShouldBe(2, "one of them was refused");
    }
}
