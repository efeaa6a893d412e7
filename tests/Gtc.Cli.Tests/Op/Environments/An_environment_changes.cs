using System.Text.Json;

namespace Gtc.Cli.Tests.Op.Environments;

public class An_environment_changes
{
    [Fact]
    public async Task What_is_given_is_changed_and_the_rest_stays()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env create staging --name Staging --region eu --listen-addr 127.0.0.1:8081");
        var updated = await cli.OpAsync("env update staging --name Stage --tenant-org acme");
        updated.GetProperty("name").GetString().ShouldBe("Stage");
        updated.GetProperty("region").GetString().ShouldBe("eu");
        updated.GetProperty("tenant_org_id").GetString().ShouldBe("acme");
        updated.GetProperty("listen_addr").GetString().ShouldBe("127.0.0.1:8081");
        (await cli.OpAsync("env update staging region=")).GetProperty("region").ValueKind.ShouldBe(JsonValueKind.Null);
        (await Staged.RefusedAsync(cli, "env update staging")).Kind.ShouldBe("invalid-argument");
        (await Staged.RefusedAsync(cli, "env update nowhere --name x")).Kind.ShouldBe("not-found");

        var line = Log(cli, "staging")[1];
        line.GetProperty("target").GetRawText().ShouldBe("""{"environment_id":"staging","fields":["name","tenant_org_id"]}""");
        Log(cli, "staging").Length.ShouldBe(4, "one line for each attempt");
    }

    [Fact, Trait("fact", "op-cli:23.7")]
    public async Task A_public_url_is_an_origin_and_is_kept_without_its_slash()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env create");
        var set = await cli.OpAsync("env set-public-url local https://a.test/");
        set.GetProperty("host_config").GetProperty("public_base_url").GetString().ShouldBe("https://a.test");
        foreach (var wrong in new[] { "https://a.test/x", "ftp://a", "https://u@a", "https://a?q=1", "https://a#f", "https://", "https://a:99999", "a.test" })
        {
            (await Staged.RefusedAsync(cli, $"env set-public-url local {wrong}")).Kind.ShouldBe("invalid-argument", wrong);
        }

        (await cli.OpAsync("env list")).GetProperty("environments")[0].GetProperty("public_base_url").GetString().ShouldBe("https://a.test");
        Log(cli, "local")[^1].GetProperty("result").GetProperty("kind").GetString().ShouldBe("invalid-argument");
    }

    [Fact]
    public async Task Configuration_is_set_by_flags_and_shown_without_any_answer()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env init");
        var set = await cli.OpAsync("config set --listen-addr 127.0.0.1:9999 --gui-enabled --name Mine");
        set.GetProperty("host_config").GetProperty("gui_enabled").GetBoolean().ShouldBeTrue();
        set.GetProperty("host_config").GetProperty("listen_addr").GetString().ShouldBe("127.0.0.1:9999");
        set.GetProperty("name").GetString().ShouldBe("Mine");
        (await cli.OpAsync("config set gui_enabled=false")).GetProperty("host_config").GetProperty("gui_enabled").GetBoolean().ShouldBeFalse();
        (await Staged.RefusedAsync(cli, "config set --listen-addr localhost:1")).Kind.ShouldBe("invalid-argument");
        (await Staged.RefusedAsync(cli, "config set")).Kind.ShouldBe("invalid-argument");

        await cli.OpAsync("secrets seal");
        var shown = await cli.OpAsync("config show");
        shown.GetProperty("environment_id").GetString().ShouldBe("local");
        shown.GetProperty("packs").GetArrayLength().ShouldBe(5);
        shown.GetProperty("credentials_ref").ValueKind.ShouldBe(JsonValueKind.Null);
        shown.GetProperty("runtime").GetProperty("discovered").GetProperty("listen_addr").GetString().ShouldBe("127.0.0.1:8080");
        shown.GetProperty("pack_answers").GetProperty("secrets").GetRawText().ShouldBe("""{"present":true,"keys":["mode"]}""");
        shown.GetProperty("pack_answers").GetProperty("deployer").GetRawText().ShouldBe("""{"present":false,"keys":[]}""");
        shown.GetProperty("snapshot_at").GetString().ShouldBe("2026-11-20T14:02:03Z");
        shown.GetRawText().ShouldNotContain("sealed");
        (await cli.OpAsync("config show --slot state")).GetProperty("packs").GetArrayLength().ShouldBe(1);
        (await Staged.RefusedAsync(cli, "config show --slot revocation")).Kind.ShouldBe("not-found");
    }

    private static JsonElement[] Log(TestCli cli, string environment) =>
        [.. cli.AuditLines(environment).Select(line => JsonDocument.Parse(line).RootElement)];
}
