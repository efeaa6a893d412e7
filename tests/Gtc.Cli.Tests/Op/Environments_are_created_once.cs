using System.Text.Json;

namespace Gtc.Cli.Tests.Op;

public class Environments_are_created_once
{
    [Fact, Trait("fact", "op-cli:23.2")]
    public async Task A_second_create_is_a_conflict()
    {
        using var cli = new TestCli();
        var line = $"op env create staging --name Staging --store-root {cli.StoreRoot}";
        var first = await cli.RunAsync(line);
        first.Exit.ShouldBe(0);
        first.Envelope.GetRawText().ShouldBe(
            """{"op":"create","noun":"env","result":{"environment_id":"staging","name":"Staging","region":null,"tenant_org_id":null,"pack_count":0,"bundle_count":0,"revision_count":0}}""");
        var second = await cli.RunAsync(line);
        second.Exit.ShouldBe(1);
        second.Stdout.ShouldBeEmpty();
        second.Kind.ShouldBe("conflict");
    }

    [Fact, Trait("fact", "op-cli:23.3")]
    public async Task Answers_exclude_positions_and_a_flag_that_nobody_knows_is_a_usage_error()
    {
        TestCli.NeedsFiles("no folder is made");
        using var cli = new TestCli();
        cli.Write("f.json", """{"environment_id":"staging"}""");
        var run = await cli.RunAsync($"op env create staging --answers f.json --store-root {cli.StoreRoot}");
        run.Exit.ShouldBe(1);
        run.Kind.ShouldBe("invalid-argument");
        (await cli.RunAsync($"op env create staging --colour red --store-root {cli.StoreRoot}")).Exit.ShouldBe(2);
        Directory.Exists(cli.StoreRoot).ShouldBeFalse();
    }

    [Fact, Trait("fact", "op-cli:23.4")]
    public async Task A_schema_never_touches_the_store()
    {
        TestCli.NeedsFiles("no folder is made");
        using var cli = new TestCli();
        foreach (var verb in new[] { "env create", "env init", "env list", "env show", "env update", "env set-public-url", "env history", "env diff", "env restore", "env repair", "env destroy", "env compact", "env migrate-dev", "env migrate-state", "env snapshot create", "env snapshot list", "env snapshot restore", "audit prune", "config show", "config set", "audit show", "audit verify", "trust-root bootstrap", "trust-root list", "bundles add", "bundles list", "revisions stage", "revisions warm", "revisions list", "traffic set", "traffic show" })
        {
            var run = await cli.RunAsync($"op {verb} --schema --store-root {cli.StoreRoot}");
            run.Exit.ShouldBe(0, verb);
            run.Result.GetProperty("$schema").GetString().ShouldBe("https://json-schema.org/draft/2020-12/schema");
            run.Result.GetProperty("type").GetString().ShouldBe("object");
            run.Result.GetProperty("additionalProperties").GetBoolean().ShouldBeFalse();
            run.Result.GetProperty("required").ValueKind.ShouldBe(JsonValueKind.Array);
            foreach (var member in run.Result.TryGetProperty("properties", out var members) ? members.EnumerateObject().ToList() : [])
            {
                member.Value.TryGetProperty("description", out _).ShouldBeTrue($"{verb} {member.Name}");
            }
        }

        Directory.Exists(cli.StoreRoot).ShouldBeFalse();
    }

    [Fact, Trait("fact", "op-cli:23.1")]
    public async Task Init_creates_then_leaves_alone_then_heals()
    {
        TestCli.NeedsFiles("the document is edited by hand");
        using var cli = new TestCli();
        var created = await cli.OpAsync("env init --public-url https://chat.example.com/");
        created.GetProperty("outcome").GetString().ShouldBe("created");
        created.GetProperty("bound_slots").GetArrayLength().ShouldBe(5);
        created.GetProperty("public_base_url").GetString().ShouldBe("https://chat.example.com");
        created.GetProperty("trust_root").GetProperty("trusted_key_count").GetInt32().ShouldBe(1);

        var again = await cli.OpAsync("env init");
        again.GetProperty("outcome").GetString().ShouldBe("untouched");
        again.GetProperty("trust_root").ValueKind.ShouldBe(JsonValueKind.Null);
        again.TryGetProperty("added_slots", out _).ShouldBeFalse();

        var path = Path.Combine(cli.StoreRoot, "local", "environment.json");
        var document = System.Text.Json.Nodes.JsonNode.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken))!;
        var packs = document["packs"]!.AsArray();
        packs.Remove(packs.Single(pack => pack!["slot"]!.GetValue<string>() == "sessions"));
        await File.WriteAllTextAsync(path, document.ToJsonString(), TestContext.Current.CancellationToken);
        var healed = await cli.OpAsync("env init");
        healed.GetProperty("outcome").GetString().ShouldBe("healed");
        healed.GetProperty("added_slots").GetRawText().ShouldBe("""["sessions"]""");

        var runtime = (await cli.OpAsync("env show")).GetProperty("runtime");
        runtime.GetProperty("discovered").GetProperty("listen_addr").GetString().ShouldBe("127.0.0.1:8080");
        runtime.GetProperty("generation").GetInt32().ShouldBe(0);
        (await cli.RunAsync($"op env init --public-url https://other.example --store-root {cli.StoreRoot}")).Kind.ShouldBe("invalid-argument");
    }

    [Fact, Trait("fact", "store:9.13")]
    public async Task Healing_adds_what_is_missing_and_a_binding_of_ones_own_survives()
    {
        TestCli.NeedsFiles("the document is edited by hand");
        using var cli = new TestCli();
        (await cli.OpAsync("env init")).GetProperty("outcome").GetString().ShouldBe("created");
        (await cli.OpAsync("env init")).GetProperty("outcome").GetString().ShouldBe("untouched");
        var path = Path.Combine(cli.StoreRoot, "local", "environment.json");
        var document = System.Text.Json.Nodes.JsonNode.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken))!;
        var packs = document["packs"]!.AsArray();
        packs.Remove(packs.Single(pack => pack!["slot"]!.GetValue<string>() == "telemetry"));
        packs.Single(pack => pack!["slot"]!.GetValue<string>() == "secrets")!["kind"] = "acme.secrets.own@2.0.0";
        await File.WriteAllTextAsync(path, document.ToJsonString(), TestContext.Current.CancellationToken);

        var healed = await cli.OpAsync("env init");
        healed.GetProperty("outcome").GetString().ShouldBe("healed");
        healed.GetProperty("added_slots").GetRawText().ShouldBe("""["telemetry"]""");
        (await Staged.DocumentAsync(cli)).GetProperty("packs").EnumerateArray().Select(pack => pack.GetProperty("kind").GetString()).ShouldContain("acme.secrets.own@2.0.0");
    }

    [Fact, Trait("fact", "store:9.14")]
    public async Task A_trust_root_without_keys_is_not_seeded_again()
    {
        using var cli = new TestCli();
        var key = (await cli.OpAsync("env init")).GetProperty("trust_root").GetProperty("operator_key_id").GetString();
        await cli.OpAsync($"trust-root remove local --key-id {key}");
        (await cli.OpAsync("env init")).GetProperty("trust_root").ValueKind.ShouldBe(JsonValueKind.Null);
        (await cli.OpAsync("trust-root list")).GetProperty("keys").GetArrayLength().ShouldBe(0);
    }

    [Theory]
    [InlineData("public_base_url=https://a.test/x")]
    [InlineData("public_base_url=ftp://a")]
    [InlineData("public_base_url=https://u@a")]
    [InlineData("public_base_url=https://a?q=1")]
    [InlineData("--listen-addr localhost:80")]
    [InlineData("--listen-addr 127.0.0.1")]
    [InlineData("--listen-addr ::1:80")]
    [InlineData("--listen-addr 127.0.0.1:65536")]
    [InlineData("../up")]
    [InlineData(".hidden")]
    public async Task Values_that_cannot_be_are_invalid_arguments(string inline)
    {
        using var cli = new TestCli();
        var run = await cli.RunAsync($"op env create {inline} --store-root {cli.StoreRoot}");
        run.Exit.ShouldBe(1);
        run.Kind.ShouldBe("invalid-argument");
        Directory.Exists(Path.Combine(cli.StoreRoot, "local")).ShouldBeFalse();
    }

    [Fact]
    public async Task The_environment_is_the_position_else_the_variable_else_local()
    {
        using var cli = new TestCli();
        (await cli.OpAsync("env create")).GetProperty("environment_id").GetString().ShouldBe("local");
        cli.SetVariable("GREENTIC_ENV", "from-variable");
        (await cli.OpAsync("env create")).GetProperty("environment_id").GetString().ShouldBe("from-variable");
        (await cli.OpAsync("env create typed listen_addr=[::1]:9000")).GetProperty("listen_addr").GetString().ShouldBe("[::1]:9000");
        (await cli.OpAsync("env list")).GetProperty("environments").EnumerateArray().Select(e => e.GetProperty("environment_id").GetString())
            .ShouldBe(["from-variable", "local", "typed"]);
    }

    [Fact]
    public async Task The_store_is_the_flag_else_the_variable_else_the_home()
    {
        TestCli.NeedsFiles("where the folder is");
        using var cli = new TestCli();
        (await cli.RunAsync("op env create")).Exit.ShouldBe(0);
        File.Exists(Path.Combine(cli.Folder, ".greentic", "environments", "local", "environment.json")).ShouldBeTrue();
        cli.SetVariable("GREENTIC_STORE_ROOT", "relative");
        (await cli.RunAsync("op env create")).Exit.ShouldBe(0);
        File.Exists(Path.Combine(cli.Folder, "relative", "local", "environment.json")).ShouldBeTrue();
        (await cli.RunAsync("--store-root x op env create")).Exit.ShouldBe(2);
        (await cli.RunAsync("op --store-root x env create")).Exit.ShouldBe(0);
        File.Exists(Path.Combine(cli.Folder, "x", "local", "environment.json")).ShouldBeTrue();
    }

    [Fact]
    public async Task Without_any_place_it_is_refused()
    {
        TestCli.NeedsFiles("a place for files");
        using var cli = new TestCli();
        cli.SetVariable("HOME", "");
        var run = await cli.RunAsync("op env create");
        run.Exit.ShouldBe(1);
        run.Kind.ShouldBe("invalid-argument");
    }

    [Fact]
    public async Task What_does_not_exist_is_not_found()
    {
        using var cli = new TestCli();
        foreach (var verb in new[] { "env show", "trust-root bootstrap", "trust-root list", "bundles add", "bundles list", "revisions stage bundle_path=x", "revisions warm", "revisions list", "traffic set", "traffic show" })
        {
            var run = await cli.RunAsync($"op {verb} --store-root {cli.StoreRoot}");
            run.Exit.ShouldBe(1, verb);
            run.Kind.ShouldBe("not-found", verb);
        }
    }
}
