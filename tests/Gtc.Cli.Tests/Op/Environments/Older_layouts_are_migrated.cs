using System.Text.Json;

namespace Gtc.Cli.Tests.Op.Environments;

public class Older_layouts_are_migrated
{
    [Fact, Trait("fact", "store:9.18")]
    public async Task Dev_becomes_another_environment_with_its_answers_and_secrets()
    {
        using var cli = new TestCli();
        await SimpleDevAsync(cli);
        var check = await cli.OpAsync("env migrate-dev prod --check");
        check.GetProperty("clean").GetBoolean().ShouldBeTrue();
        Kinds(check).ShouldBe(["legacy-env-simple", "audit-log", "secrets-store"]);
        Directory.Exists(Path.Combine(cli.StoreRoot, "prod")).ShouldBeFalse("a check writes nothing");

        var applied = await cli.OpAsync("env migrate-dev prod --apply");
        applied.GetProperty("merged_slots").GetRawText().ShouldBe("""["deployer","secrets","telemetry","sessions","state"]""");
        applied.GetProperty("rekeyed_secrets").GetInt32().ShouldBe(1);
        var aside = applied.GetProperty("legacy_dir_renamed_to").GetString()!;
        Path.GetFileName(aside).ShouldBe(".dev-migrated-2026-11-20T14-02-03-000000000Z");
        Directory.Exists(Path.Combine(cli.StoreRoot, "dev")).ShouldBeFalse();
        Directory.Exists(aside).ShouldBeTrue();
        (await cli.OpAsync("secrets get acme/_/p/n --env prod --reveal")).GetProperty("value").GetString().ShouldBe("hunter2");
        (await cli.OpAsync("config show prod --slot deployer")).GetProperty("pack_answers").GetProperty("deployer").GetProperty("keys").GetRawText().ShouldBe("""["port"]""");
        (await cli.OpAsync("env show prod")).GetProperty("environment").GetProperty("host_config").GetProperty("env_id").GetString().ShouldBe("prod");

        var again = await cli.OpAsync("env migrate-dev prod --apply");
        again.GetProperty("merged_slots").GetArrayLength().ShouldBe(0);
        again.GetProperty("legacy_dir_renamed_to").ValueKind.ShouldBe(JsonValueKind.Null);
        (await cli.OpAsync("env migrate-dev prod --check")).GetProperty("findings").GetArrayLength().ShouldBe(0);
        (await cli.OpAsync("audit show prod --verb migrate-dev")).GetProperty("events").GetArrayLength().ShouldBe(2);
    }

    [Fact, Trait("fact", "store:9.18")]
    public async Task Dev_with_a_bundle_is_refused_and_stays()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env create dev");
        await cli.OpAsync("trust-root bootstrap dev");
        await cli.OpAsync("bundles add dev bundle_id=main customer_id=acme");
        var check = await cli.OpAsync("env migrate-dev local --check");
        check.GetProperty("clean").GetBoolean().ShouldBeFalse();
        Kinds(check)[0].ShouldBe("legacy-env-complex");
        (await Staged.RefusedAsync(cli, "env migrate-dev local --apply")).Kind.ShouldBe("conflict");
        Directory.GetDirectories(cli.StoreRoot).Select(Path.GetFileName).Order().ShouldBe([".audit", "dev"]);
    }

    [Fact]
    public async Task What_the_target_has_stays()
    {
        using var cli = new TestCli();
        await SimpleDevAsync(cli);
        await cli.OpAsync("env init");
        cli.Write("kept", "kept");
        await cli.OpAsync("secrets put acme/_/p/n --env local --from-file kept");
        var applied = await cli.OpAsync("env migrate-dev local --apply");
        applied.GetProperty("merged_slots").GetArrayLength().ShouldBe(0);
        applied.GetProperty("rekeyed_secrets").GetInt32().ShouldBe(0);
        (await cli.OpAsync("secrets get acme/_/p/n --reveal")).GetProperty("value").GetString().ShouldBe("kept");
    }

    [Fact]
    public async Task It_is_said_which_of_check_and_apply_and_dev_is_no_target()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env create dev");
        foreach (var line in new[] { "env migrate-dev local", "env migrate-dev local --check --apply", "env migrate-state dev", "env migrate-dev dev --check", "env migrate-dev dev --apply" })
        {
            (await Staged.RefusedAsync(cli, line)).Kind.ShouldBe("invalid-argument", line);
        }

        cli.SetVariable("GREENTIC_ENV", "dev");
        Kinds(await cli.OpAsync("env migrate-dev local --check")).ShouldContain("runtime-env-var");
        await File.WriteAllTextAsync(Path.Combine(cli.StoreRoot, "dev", "environment.json"), "{", TestContext.Current.CancellationToken);
        Directory.Delete(Path.Combine(cli.StoreRoot, "dev", "journal"), recursive: true);
        var check = await cli.OpAsync("env migrate-dev local --check");
        Kinds(check).ShouldContain("legacy-env-unreadable");
        check.GetProperty("clean").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task Older_state_is_set_aside_once()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env create");
        var state = Path.Combine(cli.Folder, ".greentic", "state");
        Directory.CreateDirectory(Path.Combine(state, "deploy", "aws", "acme", "prod", "one"));
        Directory.CreateDirectory(Path.Combine(state, "deploy", "aws", "acme", "prod", "two"));
        var check = await cli.OpAsync("env migrate-state local --check");
        check.GetProperty("leaf_count").GetInt32().ShouldBe(2);
        check.GetProperty("clean").GetBoolean().ShouldBeTrue();
        Kinds(check).ShouldBe(["legacy-deploy-tree"]);
        check.GetRawText().ShouldContain("aws/acme/prod");

        var applied = await cli.OpAsync("env migrate-state local --apply");
        applied.GetProperty("scanned_paths_count").GetInt32().ShouldBe(2);
        Directory.Exists(Path.Combine(applied.GetProperty("legacy_dir_renamed_to").GetString()!, "aws", "acme", "prod", "one")).ShouldBeTrue();
        Directory.Exists(Path.Combine(state, "deploy")).ShouldBeFalse();
        (await cli.OpAsync("env migrate-state local --apply")).GetProperty("legacy_dir_renamed_to").ValueKind.ShouldBe(JsonValueKind.Null);
        (await Staged.RefusedAsync(cli, "env migrate-state nowhere --apply")).Kind.ShouldBe("not-found");
    }

    [Fact, Trait("fact", "store:9.19")]
    public async Task A_state_folder_that_is_a_link_blocks()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env create");
        Directory.CreateDirectory(Path.Combine(cli.Folder, "elsewhere"));
        Directory.CreateDirectory(Path.Combine(cli.Folder, "state"));
        Directory.CreateSymbolicLink(Path.Combine(cli.Folder, "state", "deploy"), Path.Combine(cli.Folder, "elsewhere"));
        var check = await cli.OpAsync("env migrate-state local --check --state-dir state");
        check.GetProperty("findings")[0].GetProperty("kind").GetString().ShouldBe("legacy-deploy-unreadable");
        check.GetProperty("findings")[0].GetProperty("severity").GetString().ShouldBe("blocking");
        check.GetProperty("clean").GetBoolean().ShouldBeFalse();
        (await Staged.RefusedAsync(cli, "env migrate-state local --apply --state-dir state")).Kind.ShouldBe("conflict");
        Directory.Exists(Path.Combine(cli.Folder, "state", "deploy")).ShouldBeTrue();
    }

    private static string[] Kinds(JsonElement check) => [.. check.GetProperty("findings").EnumerateArray().Select(finding => finding.GetProperty("kind").GetString()!)];

    /// <summary>An environment as older tools left it: bindings, answers and a secret.</summary>
    private static async Task SimpleDevAsync(TestCli cli)
    {
        await cli.OpAsync("env init");
        var path = Path.Combine(cli.StoreRoot, "local", "environment.json");
        var text = (await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)).Replace("\"local\"", "\"dev\"", StringComparison.Ordinal);
        Directory.Delete(Path.Combine(cli.StoreRoot, "local"), recursive: true);
        var dev = Directory.CreateDirectory(Path.Combine(cli.StoreRoot, "dev", "env-packs", "deployer")).Parent!.Parent!.FullName;
        await File.WriteAllTextAsync(Path.Combine(dev, "env-packs", "deployer", "answers.json"), """{"port":1}""", TestContext.Current.CancellationToken);
        text = text.Replace("\"pack_ref\": \"greentic.deployer.local-process@0.1.0\"", "\"pack_ref\": \"greentic.deployer.local-process@0.1.0\", \"answers_ref\": \"env-packs/deployer/answers.json\"", StringComparison.Ordinal);
        text.ShouldContain("answers_ref\": \"env-packs");
        await File.WriteAllTextAsync(Path.Combine(dev, "environment.json"), text, TestContext.Current.CancellationToken);
        cli.Write("value", "hunter2");
        await cli.OpAsync("secrets put acme/_/p/n --env dev --from-file value");
    }
}
