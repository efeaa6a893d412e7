using System.Text.Json;

namespace Gtc.Cli.Tests.Op.EnvPacks;

public class Env_packs_are_bound
{
    private const string LocalProcess = "kind=greentic.deployer.local-process@0.1.0 pack_ref=builtin";
    private const string K8s = "kind=greentic.deployer.k8s@1.0.0 pack_ref=builtin";

    [Fact, Trait("fact", "env-packs:12.6"), Trait("fact", "op-cli:23.21")]
    public async Task Add_update_rollback_remove_count_generations()
    {
        using var cli = await CreatedAsync();
        var added = await cli.OpAsync($"env-packs add slot=deployer {LocalProcess}");
        added.GetRawText().ShouldBe("""{"environment_id":"local","slot":"deployer","kind":"greentic.deployer.local-process@0.1.0","pack_ref":"builtin","generation":0,"has_previous":false}""");
        (await Staged.RefusedAsync(cli, $"env-packs add slot=deployer {K8s}")).Kind.ShouldBe("conflict");
        var updated = await cli.OpAsync($"env-packs update slot=deployer {K8s}");
        updated.GetProperty("generation").GetInt32().ShouldBe(1);
        updated.GetProperty("has_previous").GetBoolean().ShouldBeTrue();
        var back = await cli.OpAsync("env-packs rollback slot=deployer");
        back.GetProperty("generation").GetInt32().ShouldBe(2);
        back.GetProperty("kind").GetString().ShouldBe("greentic.deployer.local-process@0.1.0");
        back.GetProperty("has_previous").GetBoolean().ShouldBeFalse();
        (await Staged.RefusedAsync(cli, "env-packs rollback slot=deployer")).Kind.ShouldBe("conflict");
        await cli.OpAsync("env-packs remove slot=deployer");
        (await Staged.RefusedAsync(cli, "env-packs remove slot=deployer")).Kind.ShouldBe("not-found");
        (await Staged.RefusedAsync(cli, $"env-packs update slot=deployer {K8s}")).Kind.ShouldBe("not-found");
    }

    [Theory, Trait("fact", "env-packs:12.8")]
    [InlineData("extension", "extensions")]
    [InlineData("messaging", "messaging endpoint")]
    [InlineData("teapot", "no slot")]
    public async Task A_slot_of_another_noun_is_refused_with_that_noun(string slot, string named)
    {
        using var cli = await CreatedAsync();
        var refused = await Staged.RefusedAsync(cli, $"env-packs add slot={slot} {K8s}");
        refused.Kind.ShouldBe("invalid-argument");
        refused.Message.ShouldContain(named);
    }

    [Fact, Trait("fact", "env-packs:12.16")]
    public async Task An_unknown_kind_is_refused_or_stored_with_a_warning_and_the_doctor_lists_it()
    {
        using var cli = await CreatedAsync();
        (await Staged.RefusedAsync(cli, "env-packs add slot=deployer kind=acme.deployer.x@1.0.0 pack_ref=x")).Kind.ShouldBe("conflict");
        (await cli.OpAsync("env-packs list")).GetProperty("bindings").GetArrayLength().ShouldBe(0);
        var stored = await cli.OpAsync("env-packs add slot=deployer kind=acme.deployer.x@1.0.0 pack_ref=x allow_unknown=true");
        stored.GetProperty("warnings")[0].GetString()!.ShouldContain("acme.deployer.x");
        (await cli.OpAsync("env doctor")).GetProperty("unknown_kinds").GetRawText().ShouldBe("""["acme.deployer.x@1.0.0"]""");
    }

    [Theory]
    [InlineData("slot=secrets kind=greentic.deployer.k8s@1.0.0 pack_ref=builtin allow_unknown=true", "conflict")]
    [InlineData("slot=deployer kind=greentic.deployer.k8s@2.0.0 pack_ref=builtin", "conflict")]
    [InlineData("slot=deployer kind=greentic.deployer.k8s pack_ref=builtin", "invalid-argument")]
    [InlineData("slot=deployer kind=greentic.deployer.k8s@1.0.0 pack_ref=builtin answers.Namespace=x", "conflict")]
    [InlineData("slot=deployer kind=greentic.deployer.k8s@1.0.0 pack_ref=builtin answers_ref=../x.json", "conflict")]
    [InlineData("slot=deployer kind=greentic.deployer.k8s@1.0.0 pack_ref=builtin answers_ref=nowhere.json", "conflict")]
    [InlineData("slot=telemetry kind=greentic.telemetry.stdout@0.1.0 pack_ref=builtin answers.level=debug", "conflict")]
    public async Task What_does_not_fit_is_refused_when_it_is_bound(string words, string kind)
    {
        using var cli = await CreatedAsync();
        (await Staged.RefusedAsync(cli, $"env-packs add {words}")).Kind.ShouldBe(kind);
        (await cli.OpAsync("env-packs list")).GetProperty("bindings").GetArrayLength().ShouldBe(0);
        Directory.Exists(Path.Combine(cli.StoreRoot, "local", "env-packs")).ShouldBeFalse();
    }

    [Fact, Trait("fact", "env-packs:12.17")]
    public async Task A_rollback_brings_the_earlier_answers_back()
    {
        TestCli.NeedsFolder();
        using var cli = await CreatedAsync();
        cli.Write("blue.json", """{"namespace":"blue"}""");
        cli.Write("green.json", """{"namespace":"green"}""");
        var added = await cli.OpAsync($"env-packs add slot=deployer {K8s} answers_ref=blue.json");
        added.GetProperty("answers_ref").GetString().ShouldBe("env-packs/deployer/answers.json");
        await cli.OpAsync($"env-packs update slot=deployer {K8s} answers_ref=green.json");
        Namespace(cli).ShouldBe("green");
        await cli.OpAsync("env-packs rollback slot=deployer");
        Namespace(cli).ShouldBe("blue");
    }

    [Fact]
    public async Task A_restored_generation_has_the_answers_that_it_had()
    {
        TestCli.NeedsFolder();
        using var cli = await CreatedAsync();
        await cli.OpAsync($"env-packs add slot=deployer {K8s} answers.namespace=blue");
        var generation = (await Staged.DocumentAsync(cli)).GetProperty("env_generation").GetUInt64();
        await cli.OpAsync($"env-packs update slot=deployer {K8s} answers.namespace=green");
        await cli.OpAsync($"env restore --to {generation}");
        Namespace(cli).ShouldBe("blue");
    }

    [Fact, Trait("fact", "env-packs:12.14"), Trait("fact", "env-packs:12.17")]
    public async Task Apply_stages_answers_once_and_its_updates_can_be_rolled_back()
    {
        TestCli.NeedsFolder();
        using var cli = await CreatedAsync();
        (await ApplyAsync(cli, "blue")).GetProperty("changed").GetInt32().ShouldBe(1);
        Namespace(cli).ShouldBe("blue");
        var bound = (await cli.OpAsync("env-packs list")).GetProperty("bindings")[0];
        bound.GetProperty("answers_ref").GetString().ShouldBe("env-packs/deployer/answers.json");
        bound.GetProperty("generation").GetInt32().ShouldBe(0);
        (await ApplyAsync(cli, "blue")).GetProperty("changed").GetInt32().ShouldBe(0);
        (await ApplyAsync(cli, "green")).GetProperty("changed").GetInt32().ShouldBe(1);
        (await cli.OpAsync("env-packs list")).GetProperty("bindings")[0].GetProperty("generation").GetInt32().ShouldBe(1);
        Namespace(cli).ShouldBe("green");
        await cli.OpAsync("env-packs rollback slot=deployer");
        Namespace(cli).ShouldBe("blue");
    }

    [Theory]
    [InlineData("Namespace", "x", "greentic.deployer.k8s@1.0.0")]
    [InlineData("namespace", "x", "greentic.deployer.k8s@7.0.0")]
    [InlineData("namespace", "x", "greentic.secrets.dev-store@0.1.0")]
    public async Task Apply_refuses_what_does_not_fit(string key, string value, string kind)
    {
        using var cli = await CreatedAsync();
        cli.Write("env.json", Manifest(key, value, kind));
        (await Staged.RefusedAsync(cli, "env apply --answers env.json --yes")).Kind.ShouldBe("conflict");
        (await cli.OpAsync("env-packs list")).GetProperty("bindings").GetArrayLength().ShouldBe(0);
    }

    [Fact, Trait("fact", "env-packs:12.7")]
    public async Task A_document_with_a_slot_twice_or_of_another_noun_is_invalid()
    {
        TestCli.NeedsFiles("one is written by hand");
        using var cli = await CreatedAsync();
        await cli.OpAsync($"env-packs add slot=deployer {K8s}");
        var path = Path.Combine(cli.StoreRoot, "local", "environment.json");
        var text = File.ReadAllText(path);
        foreach (var second in new[] { "deployer", "messaging", "extension" })
        {
            File.WriteAllText(path, text.Replace("\"packs\": [", $"\"packs\": [ {{ \"slot\": \"{second}\", \"kind\": \"a.b@1.0.0\", \"pack_ref\": \"x\", \"generation\": 0 }},", StringComparison.Ordinal));
            await Staged.RefusedAsync(cli, "env show");
            var verdict = (await cli.OpAsync("env doctor")).GetProperty("validate");
            verdict.GetProperty("status").GetString().ShouldBe("error");
            verdict.GetProperty("message").GetString()!.ShouldContain($"slot `{second}`");
        }
    }

    [Fact]
    public async Task Earlier_answers_that_are_gone_or_altered_are_not_brought_back()
    {
        TestCli.NeedsFolder();
        using var cli = await CreatedAsync();
        await cli.OpAsync($"env-packs add slot=deployer {K8s} answers.namespace=blue");
        var kept = Directory.GetFiles(Path.Combine(cli.StoreRoot, "local", "env-packs", "deployer"), "answers.*.json").Single();
        await cli.OpAsync($"env-packs update slot=deployer {K8s} answers.namespace=green");
        File.WriteAllText(kept, """{"namespace":"red"}""");
        (await Staged.RefusedAsync(cli, "env-packs rollback slot=deployer")).Kind.ShouldBe("conflict");
        File.Delete(kept);
        (await Staged.RefusedAsync(cli, "env-packs rollback slot=deployer")).Kind.ShouldBe("not-found");
        Namespace(cli).ShouldBe("green");
    }

    [Fact]
    public async Task A_retry_with_the_same_key_gets_the_first_answer_and_another_question_is_refused()
    {
        using var cli = await CreatedAsync();
        var first = await cli.OpAsync($"env-packs add slot=deployer {K8s} answers.namespace=blue idempotency_key=k1");
        (await cli.OpAsync($"env-packs add slot=deployer {K8s} answers.namespace=blue idempotency_key=k1")).GetRawText().ShouldBe(first.GetRawText());
        (await Staged.RefusedAsync(cli, $"env-packs add slot=deployer {K8s} answers.namespace=red idempotency_key=k1")).Kind.ShouldBe("conflict");
    }

    [Fact]
    public async Task Every_attempt_leaves_one_audit_line()
    {
        using var cli = await CreatedAsync();
        var before = cli.AuditLines().Length;
        await cli.OpAsync($"env-packs add slot=deployer {K8s} answers.namespace=blue");
        await Staged.RefusedAsync(cli, "env-packs add slot=deployer kind=acme.deployer.x@1.0.0 pack_ref=x");
        await Staged.RefusedAsync(cli, "env-packs rollback slot=nowhere");
        await cli.OpAsync("env-packs remove slot=deployer");
        var lines = cli.AuditLines()[before..];
        lines.Length.ShouldBe(4);
        lines.ShouldAllBe(line => !line.Contains("blue", StringComparison.Ordinal));
    }

    [Fact, Trait("fact", "env-packs:12.9")]
    public async Task An_extension_is_known_by_its_path_and_instance()
    {
        using var cli = await CreatedAsync();
        await cli.OpAsync("extensions add kind=acme.geo.lookup@1.0.0 pack_ref=geo");
        (await Staged.RefusedAsync(cli, "extensions add kind=acme.geo.lookup@2.0.0 pack_ref=geo")).Kind.ShouldBe("conflict");
        (await cli.OpAsync("extensions add kind=acme.geo.lookup@1.0.0 pack_ref=geo instance_id=eu answers.region=eu")).GetProperty("answers_ref").GetString()
            .ShouldBe("extensions/acme.geo.lookup-eu/answers.json");
        (await Staged.RefusedAsync(cli, "extensions add kind=acme.geo.lookup@1.0.0 pack_ref=geo instance_id=EU")).Kind.ShouldBe("invalid-argument");
        (await cli.OpAsync("extensions update kind=acme.geo.lookup@1.1.0 pack_ref=geo instance_id=eu")).GetProperty("generation").GetInt32().ShouldBe(1);
        (await cli.OpAsync("extensions rollback kind=acme.geo.lookup@1.1.0 instance_id=eu")).GetProperty("kind").GetString().ShouldBe("acme.geo.lookup@1.0.0");
        await cli.OpAsync("extensions remove kind=acme.geo.lookup@1.0.0 instance_id=eu");
        (await cli.OpAsync("extensions list")).GetProperty("extensions").GetArrayLength().ShouldBe(1);
        var doctor = await cli.OpAsync("env doctor");
        doctor.GetProperty("extensions").GetProperty("count").GetInt32().ShouldBe(1);
        doctor.GetProperty("extensions").GetProperty("unknown_kinds").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task Kinds_are_described_and_their_questions_shown()
    {
        using var cli = await CreatedAsync();
        var all = (await cli.OpAsync("env-packs describe")).GetProperty("kinds").EnumerateArray().ToList();
        all.Count.ShouldBe(13);
        var one = (await cli.OpAsync("env-packs describe greentic.deployer.k8s")).GetProperty("kinds")[0];
        one.GetProperty("supported").GetString().ShouldBe(">=1.0.0-dev, <2.0.0");
        one.GetProperty("capabilities").GetArrayLength().ShouldBe(33);
        var wizard = await cli.OpAsync("env-packs wizard greentic.deployer.k8s --emit-answers k8s.json");
        wizard.GetProperty("answers_schema").GetProperty("additionalProperties").GetBoolean().ShouldBeFalse();
        await cli.OpAsync($"env-packs add slot=deployer {K8s} answers_ref=k8s.json");
        (await Staged.RefusedAsync(cli, "env-packs wizard greentic.deployer.k8s --emit-answers k8s.json")).Kind.ShouldBe("conflict");
        (await Staged.RefusedAsync(cli, "env-packs wizard greentic.telemetry.stdout")).Kind.ShouldBe("conflict");
        (await Staged.RefusedAsync(cli, "env-packs describe acme.nothing.here@1.0.0")).Kind.ShouldBe("not-found");
    }

    private static async Task<TestCli> CreatedAsync()
    {
        var cli = new TestCli();
        await cli.OpAsync("env create");
        return cli;
    }

    private static Task<JsonElement> ApplyAsync(TestCli cli, string ns)
    {
        cli.Write("env.json", Manifest("namespace", ns, "greentic.deployer.k8s@1.0.0"));
        return cli.OpAsync("env apply --answers env.json --yes");
    }

    private static string Manifest(string key, string value, string kind) => $$$"""
        {"schema":"greentic.env-manifest.v1","environment":{"id":"local"},
        "packs":[{"slot":"deployer","kind":"{{{kind}}}","pack_ref":"builtin","answers":{"{{{key}}}":"{{{value}}}"}}]}
        """;

    private static string? Namespace(TestCli cli) =>
        JsonElement.Parse(File.ReadAllBytes(Path.Combine(cli.StoreRoot, "local", "env-packs", "deployer", "answers.json"))).GetProperty("namespace").GetString();
}
