namespace Gtc.Cli.Tests.Op.Environments;

public class Backups_are_put_back
{
    [Fact]
    public async Task Desired_state_and_answers_but_no_key_and_nothing_outside()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env init");
        cli.Time.Advance(TimeSpan.FromSeconds(1));
        await cli.OpAsync("env update --name one");
        cli.Time.Advance(TimeSpan.FromSeconds(1));
        await cli.OpAsync("env update --name two");
        await cli.OpAsync("secrets seal");
        var backups = (await cli.OpAsync("env backup list --file environment.json")).GetProperty("backups").EnumerateArray().ToList();
        backups.Select(backup => backup.GetProperty("kept_at").GetString()).ShouldBe(["2026-11-20T14:02:04Z", "2026-11-20T14:02:05Z", "2026-11-20T14:02:05Z"]);

        var restored = await cli.OpAsync($"env backup restore {backups[1].GetProperty("backup").GetString()}");
        restored.GetProperty("generation").GetUInt64().ShouldBe(5ul);
        (await Staged.DocumentAsync(cli)).GetProperty("name").GetString().ShouldBe("one");
        (await cli.OpAsync("env show --at 3")).GetProperty("environment").GetProperty("name").GetString().ShouldBe("two");

        var answers = Path.Combine(cli.StoreRoot, "local", "env-packs", "secrets", "answers.json");
        var folder = Path.Combine(cli.StoreRoot, "local", "backups");
        const string Stamp = "20261120T140203.000000000Z";
        Directory.CreateDirectory(Path.Combine(folder, "env-packs", "secrets"));
        await File.WriteAllTextAsync(Path.Combine(folder, "env-packs", "secrets", $"answers.json.{Stamp}.3.bak"), "{}", TestContext.Current.CancellationToken);
        await cli.OpAsync($"env backup restore env-packs/secrets/answers.json.{Stamp}.3.bak");
        (await File.ReadAllTextAsync(answers, TestContext.Current.CancellationToken)).ShouldBe("{}");

        await File.WriteAllTextAsync(Path.Combine(folder, $"trust-root.json.{Stamp}.bak"), "{}", TestContext.Current.CancellationToken);
        (await Staged.RefusedAsync(cli, $"env backup restore trust-root.json.{Stamp}.bak")).Kind.ShouldBe("conflict");
        (await Staged.RefusedAsync(cli, $"env backup restore ../../x.{Stamp}.bak")).Kind.ShouldBe("invalid-argument");
        (await Staged.RefusedAsync(cli, "env backup restore environment.json")).Kind.ShouldBe("invalid-argument");
        (await Staged.RefusedAsync(cli, $"env backup restore environment.json.{Stamp}.77.bak")).Kind.ShouldBe("not-found");
        (await Staged.RefusedAsync(cli, "env backup list nowhere")).Kind.ShouldBe("not-found");
    }
}
