using Gtc.Cli.Tests.Op;

namespace Gtc.Cli.Tests.AuditFiles;

public class A_log_is_verified_away_from_its_store
{
    [Fact]
    public async Task The_first_wrong_line_is_named_with_its_reason()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env create");
        await cli.OpAsync("env update --name a");
        await cli.OpAsync("env update --name b");
        var copy = Path.Combine(cli.Folder, "events.jsonl");
        var lines = await File.ReadAllLinesAsync(Path.Combine(cli.StoreRoot, "local", "audit", "events.jsonl"), TestContext.Current.CancellationToken);
        await File.WriteAllLinesAsync(copy, lines, TestContext.Current.CancellationToken);
        (await cli.RunAsync("audit verify events.jsonl")).Result.GetProperty("lines").GetInt64().ShouldBe(3);

        await File.WriteAllLinesAsync(copy, [lines[0], lines[1].Replace("update", "create", StringComparison.Ordinal), lines[2]], TestContext.Current.CancellationToken);
        var run = await cli.RunAsync("audit verify events.jsonl");
        run.Exit.ShouldBe(1);
        run.Kind.ShouldBe("audit");
        run.Message.ShouldContain("line 2");
        run.Message.ShouldContain("it was changed");

        await File.WriteAllLinesAsync(copy, [lines[1], lines[2]], TestContext.Current.CancellationToken);
        (await cli.RunAsync("audit verify events.jsonl")).Message.ShouldContain("line 1");
    }

    [Fact]
    public async Task Files_that_follow_each_other_are_one_chain()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env create");
        await cli.OpAsync("env update --name a");
        var lines = await File.ReadAllLinesAsync(Path.Combine(cli.StoreRoot, "local", "audit", "events.jsonl"), TestContext.Current.CancellationToken);
        cli.Write("old.jsonl", lines[0] + "\n");
        cli.Write("new.jsonl", lines[1] + "\n");
        (await cli.RunAsync("audit verify new.jsonl --after old.jsonl")).Result.GetProperty("lines").GetInt64().ShouldBe(2);
        (await cli.RunAsync("audit verify old.jsonl --after new.jsonl")).Exit.ShouldBe(1);
        (await cli.RunAsync("audit verify absent.jsonl")).Kind.ShouldBe("io");
    }
}
