using System.Text.Json;

namespace Gtc.Cli.Tests.Op;

public class The_audit_log_is_read
{
    [Fact]
    public async Task Newest_lines_oldest_first_and_filtered()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env create");
        cli.Time.Advance(TimeSpan.FromHours(2));
        await cli.OpAsync("env update --name a");
        await Staged.RefusedAsync(cli, "env set-public-url local nonsense");
        await cli.OpAsync("trust-root bootstrap");

        (await VerbsAsync(cli, "")).ShouldBe(["env create", "env update", "env set-public-url", "trust-root bootstrap"]);
        (await VerbsAsync(cli, "--limit 2")).ShouldBe(["env set-public-url", "trust-root bootstrap"]);
        (await VerbsAsync(cli, "--noun env --outcome ok")).ShouldBe(["env create", "env update"]);
        (await VerbsAsync(cli, "--outcome error")).ShouldBe(["env set-public-url"]);
        (await VerbsAsync(cli, "--verb bootstrap")).ShouldBe(["trust-root bootstrap"]);
        (await VerbsAsync(cli, "--since 1h")).ShouldBe(["env update", "env set-public-url", "trust-root bootstrap"]);
        (await VerbsAsync(cli, "--until 60min")).ShouldBe(["env create"]);
        (await VerbsAsync(cli, "--since 2026-11-20T14:00:00Z --until 2026-11-20T15:00:00Z")).ShouldBe(["env create"]);
        (await VerbsAsync(cli, "--actor nobody-of-this-name")).ShouldBeEmpty();
        foreach (var wrong in new[] { "--limit 0", "--limit 10001", "--outcome maybe", "--since yesterday", "--until 5", "--since 9999999d" })
        {
            (await Staged.RefusedAsync(cli, $"audit show {wrong}")).Kind.ShouldBe("invalid-argument", wrong);
        }

        (await Staged.RefusedAsync(cli, "audit show nowhere")).Kind.ShouldBe("not-found");
    }

    [Fact]
    public async Task It_is_a_table_for_people()
    {
        using var cli = new TestCli { IsTerminal = true };
        (await cli.RunAsync($"op env create --store-root {cli.StoreRoot}")).Exit.ShouldBe(0);
        var run = await cli.RunAsync($"op audit show --store-root {cli.StoreRoot}");
        run.Exit.ShouldBe(0, run.Stderr);
        run.Stdout.ShouldContain("env create");
        run.Stdout.ShouldContain("ok");
    }

    private static async Task<string[]> VerbsAsync(TestCli cli, string filter) =>
        [.. (await cli.OpAsync($"audit show {filter}")).GetProperty("events").EnumerateArray().Select(line => $"{line.GetProperty("noun").GetString()} {line.GetProperty("verb").GetString()}")];
}
