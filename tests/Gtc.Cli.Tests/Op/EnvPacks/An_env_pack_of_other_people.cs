using System.Text.Json;

namespace Gtc.Cli.Tests.Op.EnvPacks;

public class An_env_pack_of_other_people
{
    private const string Kind = "acme.telemetry.hello@1.0.0";

    [Fact]
    public async Task Is_signed_installed_described_asked_bound_and_called()
    {
        using var cli = await InstalledAsync();
        (await cli.OpAsync($"env-packs describe {Kind}")).GetProperty("kinds")[0].GetProperty("source").GetString().ShouldBe(Installed(cli));
        (await cli.OpAsync("env-packs wizard acme.telemetry.hello")).GetProperty("form").GetProperty("questions")[0].GetProperty("id").GetString().ShouldBe("greeting");
        (await Staged.RefusedAsync(cli, $"env-packs update slot=telemetry kind={Kind} pack_ref=hello answers.greeting=bye")).Message.ShouldContain("`greeting` is `bye`");
        (await Staged.RefusedAsync(cli, $"env-packs update slot=state kind={Kind} pack_ref=hello")).Message.ShouldContain("fits slot `telemetry`");
        cli.Write("a.json", """{"greeting":"good morning"}""");
        await cli.OpAsync($"env-packs update slot=telemetry kind={Kind} pack_ref=hello answers_ref=a.json");
        (await cli.OpAsync($"env-packs call {Kind} requirements")).GetProperty("result").GetProperty("checks")[0].GetProperty("met").GetBoolean().ShouldBeTrue();
        var rendered = await cli.OpAsync($"env-packs call {Kind} render");
        rendered.GetProperty("result").GetProperty("objects")[0].GetProperty("text").GetString().ShouldBe("good morning, local");
        rendered.GetProperty("log").GetString().ShouldBe("rendering for local\n");
        (await Staged.RefusedAsync(cli, $"env-packs call {Kind} prune")).Kind.ShouldBe("invalid-argument");
        (await cli.OpAsync("env tool-check")).GetProperty("failed_checks").GetInt32().ShouldBe(0);
        (await cli.OpAsync("env doctor")).GetProperty("unusable_packs").GetArrayLength().ShouldBe(0);
        (await Staged.RefusedAsync(cli, "env-packs update slot=telemetry kind=acme.telemetry.hello@2.0.0 pack_ref=hello")).Message.ShouldContain("=1.0.0 is");
    }

    [Fact]
    public async Task Is_used_by_nobody_once_a_file_was_changed_added_or_removed()
    {
        using var cli = await InstalledAsync();
        var folder = Installed(cli);
        var script = Path.Combine(folder, "hello.sh");
        var original = File.ReadAllText(script);
        File.AppendAllText(script, "# more\n");
        await UnusableAsync(cli, "`hello.sh` is not the file that was signed");
        File.WriteAllText(script, original);
        File.WriteAllText(Path.Combine(folder, "more.sh"), "");
        await UnusableAsync(cli, "`more.sh` is not signed");
        File.Delete(Path.Combine(folder, "more.sh"));
        File.CreateSymbolicLink(Path.Combine(folder, "more.sh"), script);
        await UnusableAsync(cli, "`more.sh` of the env-pack is no plain file");
        File.Delete(Path.Combine(folder, "more.sh"));
        File.Delete(Path.Combine(folder, "README.md"));
        await UnusableAsync(cli, "`README.md` is missing");
        File.Delete(Path.Combine(folder, "pack.sig"));
        await UnusableAsync(cli, "not signed");
    }

    [Fact]
    public async Task Is_not_installed_without_a_trusted_signature()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env create");
        Copy(cli);
        (await Staged.RefusedAsync(cli, "env-packs sign pack")).Kind.ShouldBe("operator-key");
        (await Staged.RefusedAsync(cli, "env-packs install pack")).Kind.ShouldBe("trust-root");
        await cli.OpAsync("trust-root bootstrap");
        (await Staged.RefusedAsync(cli, "env-packs install pack")).Kind.ShouldBe("trust-root");
        var key = (await cli.OpAsync("env-packs sign pack")).GetProperty("key_id").GetString();
        await cli.OpAsync($"trust-root remove local key_id={key}");
        (await Staged.RefusedAsync(cli, "env-packs install pack")).Kind.ShouldBe("trust-root");
        Directory.Exists(Installed(cli)).ShouldBeFalse();
    }

    [Fact]
    public async Task Is_installed_once_and_never_replaced()
    {
        using var cli = await InstalledAsync();
        (await cli.OpAsync("env-packs install pack")).GetProperty("changed").GetBoolean().ShouldBeFalse();
        File.AppendAllText(Path.Combine(cli.Folder, "pack", "hello.sh"), "# more\n");
        await cli.OpAsync("env-packs sign pack");
        (await Staged.RefusedAsync(cli, "env-packs install pack")).Kind.ShouldBe("conflict");
    }

    private static async Task<TestCli> InstalledAsync()
    {
        var cli = new TestCli();
        cli.SetVariable("PATH", Environment.GetEnvironmentVariable("PATH")!);
        await cli.OpAsync("env init");
        Copy(cli);
        await cli.OpAsync("env-packs sign pack");
        (await cli.OpAsync("env-packs install pack")).GetProperty("changed").GetBoolean().ShouldBeTrue();
        return cli;
    }

    private static void Copy(TestCli cli)
    {
        var folder = Directory.CreateDirectory(Path.Combine(cli.Folder, "pack")).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(Root(), "samples", "env-pack-hello")))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }
    }

    private static string Installed(TestCli cli) => Path.Combine(Path.GetDirectoryName(cli.LocalRoot)!, "env-packs", Kind);

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Gtc.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests lie outside the repository.");
        }

        return folder;
    }

    private static async Task UnusableAsync(TestCli cli, string why) =>
        (await Staged.RefusedAsync(cli, $"env-packs update slot=telemetry kind={Kind} pack_ref=hello")).Message.ShouldContain(why);
}
