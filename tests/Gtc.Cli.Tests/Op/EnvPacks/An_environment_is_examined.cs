using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Gtc.Cli.Tests.Op.EnvPacks;

public class An_environment_is_examined
{
    [Fact, Trait("fact", "op-cli:23.6")]
    public async Task A_fresh_environment_fits_together_and_lacks_only_revocation()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env init");
        var report = await cli.OpAsync("env doctor local");
        report.GetProperty("missing_slots").GetRawText().ShouldBe("""["revocation"]""");
        report.GetProperty("validate").GetProperty("status").GetString().ShouldBe("ok");
        report.GetProperty("bound_slots").GetArrayLength().ShouldBe(5);
        (await cli.RunAsync($"op env doctor --store-root {cli.StoreRoot} --fail-on-findings")).Exit.ShouldBe(0);
    }

    [Fact, Trait("fact", "env-packs:12.15")]
    public async Task The_published_version_of_the_dev_store_is_no_skew()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env init");
        await cli.OpAsync("env-packs update slot=secrets kind=greentic.secrets.dev-store@1.0.0 pack_ref=builtin");
        (await cli.OpAsync("env doctor")).GetProperty("version_skew").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Findings_show_in_the_exit_code_when_that_is_asked_for()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env init");
        await cli.OpAsync("env-packs update slot=deployer kind=greentic.deployer.k8s@9.0.0 pack_ref=builtin allow_unknown=true");
        (await cli.OpAsync("env doctor")).GetProperty("version_skew")[0].GetProperty("requested").GetString().ShouldBe("9.0.0");
        var failed = await cli.RunAsync($"op env doctor --store-root {cli.StoreRoot} --fail-on-findings");
        failed.Exit.ShouldBe(1);
        failed.Result.GetProperty("problems").GetArrayLength().ShouldBe(2);
        (await cli.RunAsync($"op env doctor --store-root {cli.StoreRoot} --exit-code detailed")).Exit.ShouldBe(3);
    }

    [Fact]
    public async Task Answers_that_were_damaged_by_hand_are_found()
    {
        TestCli.NeedsFolder();
        using var cli = new TestCli();
        await cli.OpAsync("env init");
        await cli.OpAsync("env-packs update slot=deployer kind=greentic.deployer.local-process@0.1.0 pack_ref=builtin answers.port_range=9000-9010");
        File.WriteAllText(Path.Combine(cli.StoreRoot, "local", "env-packs", "deployer", "answers.json"), "{");
        (await cli.OpAsync("env doctor")).GetProperty("problems")[0].GetString()!.ShouldContain("no JSON");
        (await cli.OpAsync("env tool-check")).GetProperty("unresolved_bindings").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task What_the_env_packs_need_is_looked_at()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env init");
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await cli.OpAsync($"config set local listen_addr=127.0.0.1:{port}");
        var report = await cli.OpAsync("env tool-check");
        report.GetProperty("total_checks").GetInt32().ShouldBe(3);
        report.GetProperty("failed_checks").GetInt32().ShouldBe(1);
        Outcome(report, "local-process.port").GetProperty("status").GetString().ShouldBe("unreachable");
        (await cli.RunAsync($"op env tool-check --store-root {cli.StoreRoot} --fail-on-findings")).Exit.ShouldBe(1);
        taken.Stop();
        Outcome(await cli.OpAsync("env tool-check"), "local-process.port").GetProperty("status").GetString().ShouldBe("ok");
    }

    private static JsonElement Outcome(JsonElement report, string name) => report.GetProperty("bindings").EnumerateArray()
        .SelectMany(binding => binding.GetProperty("checks").EnumerateArray())
        .Single(check => check.GetProperty("name").GetString() == name)
        .GetProperty("outcome");
}
