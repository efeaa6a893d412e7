namespace Gtc.Cli.Tests.Op.Environments;

public class Snapshots_are_typed
{
    [Fact]
    public async Task Made_listed_and_restored_with_secrets()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env init");
        cli.Write("one", "first");
        cli.Write("two", "second");
        await cli.OpAsync("secrets put acme/_/p/n --from-file one");
        var made = (await cli.OpAsync("env snapshot create")).GetProperty("snapshot").GetProperty("snapshot_id").GetString()!;
        await cli.OpAsync("secrets put acme/_/p/n --from-file two");
        await cli.OpAsync("env update --name later");
        (await cli.OpAsync("env snapshot list")).GetProperty("snapshots").GetArrayLength().ShouldBe(1);

        var restored = await cli.OpAsync($"env snapshot restore {made[..20]} --idempotency-key k");
        restored.GetProperty("snapshot_id").GetString().ShouldBe(made);
        (await cli.OpAsync("secrets get acme/_/p/n --reveal")).GetProperty("value").GetString().ShouldBe("first");
        (await Staged.DocumentAsync(cli)).GetProperty("name").GetString().ShouldBe("local");
        (await Staged.RefusedAsync(cli, "env snapshot restore 7ZZZZZZZZZZZZZZZZZZZZZZZZZ")).Kind.ShouldBe("not-found");
        (await Staged.RefusedAsync(cli, "env snapshot restore nonsense")).Kind.ShouldBe("not-found");
        (await Staged.RefusedAsync(cli, "env snapshot list nowhere")).Kind.ShouldBe("not-found");
        (await cli.RunAsync("op env snapshot --help")).Stdout.ShouldContain("restore");

        cli.SetVariable("GREENTIC_DEV_SECRETS_PATH", "/elsewhere/secrets");
        (await cli.OpAsync("env snapshot create")).GetProperty("warnings")[0].GetString()!.ShouldContain("/elsewhere/secrets");
    }
}
