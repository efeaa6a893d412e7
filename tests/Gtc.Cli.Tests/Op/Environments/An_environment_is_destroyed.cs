using System.Text.Json;

namespace Gtc.Cli.Tests.Op.Environments;

public class An_environment_is_destroyed
{
    [Fact, Trait("fact", "op-cli:23.30")]
    public async Task Only_when_it_is_meant_and_then_nothing_but_the_audit_log_is_left()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env create x");
        (await Staged.RefusedAsync(cli, "env destroy x")).Kind.ShouldBe("invalid-argument");

        var done = await cli.OpAsync("env destroy x --confirm");
        done.GetProperty("environment_id").GetString().ShouldBe("x");
        done.GetProperty("deleted").EnumerateArray().Select(name => name.GetString()).ShouldBe(["environment.json", "journal"]);
        Directory.Exists(Path.Combine(cli.StoreRoot, "x")).ShouldBeFalse();
        (await cli.OpAsync("env list")).GetProperty("environments").GetArrayLength().ShouldBe(0);

        var archive = done.GetProperty("archived_audit").GetString()!;
        Directory.GetFileSystemEntries(Path.GetDirectoryName(archive)!).ShouldBe([archive]);
        var verified = await cli.RunAsync($"audit verify {archive}/events.jsonl");
        verified.Exit.ShouldBe(0, verified.Stderr);
        verified.Result.GetProperty("lines").GetInt64().ShouldBe(3);
        var last = JsonDocument.Parse(File.ReadAllLines(Path.Combine(archive, "events.jsonl"))[^1]).RootElement;
        last.GetProperty("verb").GetString().ShouldBe("destroy");
        last.GetProperty("target").GetRawText().ShouldBe("""{"environment_id":"x","confirm":true}""");
        last.GetProperty("result").GetProperty("outcome").GetString().ShouldBe("ok");
        (await Staged.RefusedAsync(cli, "env destroy x --confirm")).Kind.ShouldBe("not-found");
        await cli.OpAsync("env create x");
        (await cli.OpAsync("env destroy x --confirm")).GetProperty("archived_audit").GetString().ShouldNotBe(archive);
    }

    [Fact]
    public async Task Not_while_it_routes_traffic_unless_forced()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        await Staged.ReadyAsync(cli);
        await cli.OpAsync("traffic set");
        var refused = await Staged.RefusedAsync(cli, "env destroy --confirm");
        refused.Kind.ShouldBe("conflict");
        (await Staged.RefusedAsync(cli, "env destroy --dry-run")).Kind.ShouldBe("conflict");
        (await cli.OpAsync("env list")).GetProperty("environments").GetArrayLength().ShouldBe(1);

        var plan = await cli.OpAsync("env destroy --dry-run --force");
        plan.GetProperty("dry_run").GetBoolean().ShouldBeTrue();
        plan.GetProperty("archived_audit").ValueKind.ShouldBe(JsonValueKind.Null);
        var before = Directory.GetFileSystemEntries(cli.StoreRoot, "*", SearchOption.AllDirectories).Length;
        var done = await cli.OpAsync("env destroy --confirm --force");
        before.ShouldBeGreaterThan(5);
        done.GetProperty("deleted").GetRawText().ShouldBe(plan.GetProperty("deleted").GetRawText());
        (await cli.OpAsync("env init")).GetProperty("outcome").GetString().ShouldBe("created");
    }
}
