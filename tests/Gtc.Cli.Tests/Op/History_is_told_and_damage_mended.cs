namespace Gtc.Cli.Tests.Op;

public class History_is_told_and_damage_mended
{
    [Fact]
    public async Task Every_generation_is_listed_newest_first_and_pages_backwards()
    {
        using var cli = await WithTwoGenerationsAsync();
        var all = (await cli.RunAsync($"op env history --store-root {cli.StoreRoot}")).Result.GetProperty("generations").EnumerateArray().ToList();
        all.Select(entry => entry.GetProperty("generation").GetUInt64()).ShouldBe([2ul, 1ul]);
        all.Select(entry => $"{entry.GetProperty("noun").GetString()} {entry.GetProperty("verb").GetString()}").ShouldBe(["bundles add", "env create"]);
        var before = (await cli.RunAsync($"op env history --before 2 --store-root {cli.StoreRoot}")).Result.GetProperty("generations");
        before.GetArrayLength().ShouldBe(1);
        (await cli.RunAsync($"op env history --limit 0 --store-root {cli.StoreRoot}")).Kind.ShouldBe("invalid-argument");
        (await cli.RunAsync($"op env history nowhere --store-root {cli.StoreRoot}")).Kind.ShouldBe("not-found");
    }

    [Fact]
    public async Task A_damaged_journal_is_named_with_the_command_that_mends_it()
    {
        using var cli = await WithTwoGenerationsAsync();
        var journal = Directory.GetFiles(Path.Combine(cli.StoreRoot, "local", "journal"), "*.log").Single();
        var bytes = await File.ReadAllBytesAsync(journal, TestContext.Current.CancellationToken);
        bytes[Array.FindLastIndex(bytes, value => value != 0) / 3] ^= 1;
        await File.WriteAllBytesAsync(journal, bytes, TestContext.Current.CancellationToken);

        var refused = await cli.RunAsync($"op env history --store-root {cli.StoreRoot}");
        refused.Exit.ShouldBe(1);
        refused.Stderr.ShouldContain("gtc op env repair local --apply");
        var check = await cli.RunAsync($"op env repair local --store-root {cli.StoreRoot}");
        check.Result.GetProperty("findings").GetArrayLength().ShouldBeGreaterThan(0);
        check.Result.GetProperty("repaired").GetBoolean().ShouldBeFalse();
        var apply = await cli.RunAsync($"op env repair local --apply --store-root {cli.StoreRoot}");
        apply.Exit.ShouldBe(0, apply.Stderr);
        apply.Result.GetProperty("repaired").GetBoolean().ShouldBeTrue();
        (await cli.RunAsync($"op env show --store-root {cli.StoreRoot}")).Result.GetProperty("environment").GetProperty("bundles").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task A_changed_audit_line_is_found()
    {
        using var cli = await WithTwoGenerationsAsync();
        (await cli.RunAsync($"op audit verify --store-root {cli.StoreRoot}")).Result.GetProperty("lines").GetInt64().ShouldBe(3);
        var log = Path.Combine(cli.StoreRoot, "local", "audit", "events.jsonl");
        var text = await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(log, text.Replace("\"verb\":\"create\"", "\"verb\":\"update\"", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var run = await cli.RunAsync($"op audit verify --store-root {cli.StoreRoot}");
        run.Exit.ShouldBe(1);
        run.Kind.ShouldBe("audit");
        run.Stderr.ShouldContain("line 1");
    }

    private static async Task<TestCli> WithTwoGenerationsAsync()
    {
        var cli = new TestCli();
        foreach (var words in new[] { "env create", "trust-root bootstrap local", "bundles add" })
        {
            (await cli.RunAsync($"op {words} --store-root {cli.StoreRoot}")).Exit.ShouldBe(0, words);
        }

        return cli;
    }
}
