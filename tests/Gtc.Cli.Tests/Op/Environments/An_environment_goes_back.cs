using System.Text.Json;

namespace Gtc.Cli.Tests.Op.Environments;

public class An_environment_goes_back
{
    [Fact]
    public async Task It_is_shown_as_it_was_and_an_unknown_generation_tells_which_there_are()
    {
        TestCli.NeedsFolder();
        using var cli = await RenamedAsync();
        (await Name(cli, "env show --at 1")).ShouldBe("one");
        (await Name(cli, "env show --at 2")).ShouldBe("two");
        (await Name(cli, "env show")).ShouldBe("three");
        (await cli.OpAsync("env show --at 2")).GetProperty("environment").GetProperty("env_generation").GetUInt64().ShouldBe(2ul);
        foreach (var line in new[] { "env show --at 4", "env show --at 0", "env diff 1 9", "env restore --to 9" })
        {
            var refused = await Staged.RefusedAsync(cli, line);
            refused.Kind.ShouldBe("not-found", line);
            refused.Stderr.ShouldContain("1 to 3", customMessage: line);
        }
    }

    [Fact]
    public async Task Two_generations_are_compared_in_either_direction()
    {
        using var cli = await RenamedAsync();
        await cli.OpAsync("env set-public-url local https://a.test");
        var report = await cli.OpAsync("env diff 1 4");
        report.GetProperty("from").GetUInt64().ShouldBe(1ul);
        report.GetProperty("to").GetUInt64().ShouldBe(4ul);
        var changes = report.GetProperty("changes").GetRawText();
        changes.ShouldContain("one");
        changes.ShouldContain("three");
        changes.ShouldContain("https://a.test");
        (await cli.OpAsync("env diff 4 1")).GetProperty("changes").GetArrayLength().ShouldBe(report.GetProperty("changes").GetArrayLength());
        (await cli.OpAsync("env diff 2 2")).GetProperty("changes").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A_restore_is_the_newest_generation_and_a_stale_one_is_a_conflict()
    {
        using var cli = await RenamedAsync();
        var stale = await Staged.RefusedAsync(cli, "env restore --to 1 --expected 2");
        stale.Kind.ShouldBe("conflict");
        (await Name(cli, "env show")).ShouldBe("three");

        var restored = await cli.OpAsync("env restore --to 1 --expected 3");
        restored.GetProperty("generation").GetUInt64().ShouldBe(4ul);
        restored.GetProperty("restored_from").GetUInt64().ShouldBe(1ul);
        (await Name(cli, "env show")).ShouldBe("one");
        (await Name(cli, "env show --at 3")).ShouldBe("three");
        (await cli.OpAsync("env restore --to 3 --idempotency-key k")).GetProperty("generation").GetUInt64().ShouldBe(5ul);
        (await cli.OpAsync("env restore --to 3 --idempotency-key k")).GetProperty("generation").GetUInt64().ShouldBe(5ul);
    }

    [Fact]
    public async Task The_dial_comes_back_with_what_is_served()
    {
        TestCli.NeedsFolder();
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        var first = await Staged.ReadyAsync(cli);
        await cli.OpAsync("traffic set");
        var before = (await Staged.DocumentAsync(cli)).GetProperty("env_generation").GetUInt64();
        var second = await Staged.ReadyAsync(cli);
        await cli.OpAsync($"traffic set {second}=100%");
        var config = Path.Combine(cli.StoreRoot, "local", "runtime-config.json");
        (await File.ReadAllTextAsync(config, TestContext.Current.CancellationToken)).ShouldNotContain(first);

        await cli.OpAsync($"env restore --to {before}");
        var split = (await Staged.DocumentAsync(cli)).GetProperty("traffic_splits")[0].GetProperty("entries");
        split.EnumerateArray().Single().GetProperty("revision_id").GetString().ShouldBe(first);
        var served = await File.ReadAllTextAsync(config, TestContext.Current.CancellationToken);
        served.ShouldContain(first);
        served.ShouldNotContain(second);
        (await cli.OpAsync("env restore --to 1")).GetProperty("generation").GetUInt64().ShouldBeGreaterThan(before);
        File.Exists(config).ShouldBeFalse("nothing was routed at generation 1");
    }

    [Fact]
    public async Task A_key_that_was_removed_does_not_come_back()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env create");
        var key = (await cli.OpAsync("trust-root bootstrap")).GetProperty("operator_key_id").GetString()!;
        await Staged.RevisionWithDeploymentAsync(cli);
        var before = await Staged.DocumentAsync(cli);
        before.GetProperty("trusted_keys").GetArrayLength().ShouldBe(1);
        var trusted = before.GetProperty("env_generation").GetUInt64();
        await cli.OpAsync($"trust-root remove --key-id {key}");
        (await Staged.DocumentAsync(cli)).GetProperty("trusted_keys").GetArrayLength().ShouldBe(0);

        await cli.OpAsync($"env restore --to {trusted}");
        (await Staged.DocumentAsync(cli)).GetProperty("trusted_keys").GetArrayLength().ShouldBe(0);
        (await cli.OpAsync("trust-root list")).GetProperty("keys").GetArrayLength().ShouldBe(0);
        (await cli.OpAsync($"env show --at {trusted}")).GetProperty("environment").GetProperty("trusted_keys").GetArrayLength().ShouldBe(1, "history is not changed");
    }

    private static async Task<string> Name(TestCli cli, string line) => (await cli.OpAsync(line)).GetProperty("environment").GetProperty("name").GetString()!;

    private static async Task<TestCli> RenamedAsync()
    {
        var cli = new TestCli();
        await cli.OpAsync("env create --name one");
        await cli.OpAsync("env update --name two");
        await cli.OpAsync("env update --name three");
        return cli;
    }
}
