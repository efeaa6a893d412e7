using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Cli.Tests.Op.Credentials;

public class Credentials_are_checked_and_bound
{
    private const string Sentinel = "secret://local/local-process/no-material-required";

    [Fact, Trait("fact", "credentials:14.1")]
    public async Task Processes_of_this_machine_need_a_folder_and_a_port()
    {
        TestCli.NeedsFolder();
        using var cli = new TestCli();
        await cli.OpAsync("env init");
        await cli.OpAsync($"config set listen_addr=127.0.0.1:{FreePort()}");
        var report = await cli.OpAsync("credentials requirements");
        report.GetProperty("result").GetString().ShouldBe("pass");
        report.GetProperty("credentials_ref").GetString().ShouldBe(Sentinel);
        report.GetProperty("checks").EnumerateArray().Select(check => check.GetProperty("id").GetString()).ShouldBe(["local-process.fs.writable", "local-process.port.available"]);
        var kept = JsonElement.Parse(File.ReadAllBytes(Path.Combine(cli.StoreRoot, "local", "credentials.json")));
        kept.GetProperty("schema").GetString().ShouldBe("greentic.credentials.v1");
        kept.GetProperty("validation").GetProperty("result").GetString().ShouldBe("pass");

        if (TestCli.IsRemote)
        {
            return;
        }

        // A folder in the way of the probe is in root's way too, which read-only permissions are not.
        Directory.CreateDirectory(Path.Combine(cli.StoreRoot, "local", ".local-process-creds-probe", "taken"));
        (await cli.OpAsync("credentials requirements")).GetProperty("missing_capabilities").GetRawText().ShouldBe("""["local-process.fs.writable"]""");
        (await cli.RunAsync($"op credentials requirements --store-root {cli.StoreRoot} --fail-on-findings")).Exit.ShouldBe(1);
    }

    [Fact, Trait("fact", "credentials:14.2")]
    public async Task Without_an_address_some_port_of_the_range_must_be_free()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var local = new LocalProcessPack();
        var answers = AnswersReader.Read(local, JsonElement.Parse($$"""{"port_range":"{{port}}..={{port}}"}""")).Value;
        using var folder = new TestCli();
        var setting = new CredentialsSetting { Environment = EnvId.Local, Folder = folder.Folder, Answers = answers, Variable = _ => null, Time = folder.Time };
        var checks = (await local.Credentials.ValidateAsync(setting, TestContext.Current.CancellationToken)).Checks;
        checks.Select(check => check.Status).ShouldBe([CapabilityStatus.Pass, CapabilityStatus.Fail]);
        checks[1].Reason!.ShouldContain($"{port}");
        taken.Stop();
        (await local.Credentials.ValidateAsync(setting, TestContext.Current.CancellationToken)).Checks[1].Status.ShouldBe(CapabilityStatus.Pass);
    }

    [Fact, Trait("fact", "credentials:14.3")]
    public async Task Processes_of_this_machine_have_nothing_to_bootstrap()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env init");
        cli.Write("admin", "admin-secret");
        (await Staged.RefusedAsync(cli, "credentials bootstrap admin_profile=ops admin_material_path=admin")).Kind.ShouldBe("conflict");
        (await Staged.DocumentAsync(cli)).TryGetProperty("credentials_ref", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task What_cannot_be_checked_has_failed_and_what_is_not_there_is_a_conflict()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env create");
        (await Staged.RefusedAsync(cli, "credentials requirements")).Kind.ShouldBe("conflict");
        await cli.OpAsync("env-packs add slot=deployer kind=greentic.deployer.aws-ecs@1.0.0 pack_ref=builtin");
        (await Staged.RefusedAsync(cli, "credentials requirements")).Kind.ShouldBe("conflict");
        var listed = await cli.OpAsync("credentials requirements --list");
        listed.GetProperty("missing_capabilities").GetArrayLength().ShouldBe(21);
        listed.GetProperty("checks")[0].GetProperty("status").GetString().ShouldBe("skipped");
    }

    [Fact, Trait("fact", "credentials:14.7")]
    public async Task A_bootstrap_needs_the_administrators_credentials_once_and_readable()
    {
        using var cli = await CloudAsync();
        cli.Write("empty", "");
        File.WriteAllBytes(Path.Combine(cli.Folder, "binary"), [0xff, 0xfe]);
        cli.Write("both.json", """{"admin_profile":"ops","admin_material_path":"empty","admin_material_inline":"x"}""");
        foreach (var line in new[] { "admin_profile=ops", "admin_profile=ops admin_material_path=empty", "admin_profile=ops admin_material_path=binary", "admin_profile=ops admin_material_path=gone", "--answers both.json" })
        {
            (await Staged.RefusedAsync(cli, $"credentials bootstrap {line}")).Kind.ShouldBe("conflict", line);
        }

        Directory.Exists(Path.Combine(cli.StoreRoot, "local", "rules")).ShouldBeFalse();
        (await Staged.RefusedAsync(cli, "credentials bootstrap admin_profile=ops admin_material_inline=x")).Kind.ShouldBe("invalid-argument");
    }

    [Fact]
    public async Task A_bootstrap_describes_an_identity_and_lists_the_files()
    {
        TestCli.NeedsFolder();
        using var cli = CloudPack.Cli(out var pack);
        await BindCloudAsync(cli);
        cli.Write("admin", "admin-secret");
        var before = (await Staged.DocumentAsync(cli)).GetRawText();
        var report = await cli.OpAsync("credentials bootstrap admin_profile=ops admin_material_path=admin");
        report.GetProperty("bound").GetBoolean().ShouldBeFalse();
        report.GetProperty("credentials_ref").GetString()!.ShouldEndWith("/bootstrap-incomplete");
        (await Staged.DocumentAsync(cli)).GetRawText().ShouldBe(before);
        var rules = Path.Combine(cli.StoreRoot, "local", "rules", "acme.deployer.cloud");
        var index = JsonElement.Parse(File.ReadAllBytes(Path.Combine(rules, "index.json")));
        foreach (var entry in index.GetProperty("entries").EnumerateArray())
        {
            entry.GetProperty("bytes").GetInt64().ShouldBe(new FileInfo(Path.Combine(rules, entry.GetProperty("filename").GetString()!)).Length);
        }

        pack.Rules = [new("other.yaml", "x", null)];
        await cli.OpAsync("credentials bootstrap admin_profile=ops admin_material_path=admin");
        Directory.GetFiles(rules).Select(Path.GetFileName).Order().ShouldBe(["index.json", "other.yaml"]);
    }

    [Fact, Trait("fact", "credentials:14.19")]
    public async Task Rules_are_written_inside_their_folder_and_nowhere_else()
    {
        using var cli = CloudPack.Cli(out var pack);
        await BindCloudAsync(cli);
        cli.Write("admin", "admin-secret");
        var local = Path.Combine(cli.StoreRoot, "local");
        pack.Rules = [new("../x", "out", null)];
        (await Staged.RefusedAsync(cli, "credentials bootstrap admin_profile=ops admin_material_path=admin")).Message.ShouldContain("rules export");
        if (TestCli.IsRemote)
        {
            return;
        }

        Directory.CreateSymbolicLink(Path.Combine(local, "rules"), Directory.CreateDirectory(Path.Combine(cli.Folder, "outside")).FullName);
        pack.Rules = [new("x", "out", null)];
        (await Staged.RefusedAsync(cli, "credentials bootstrap admin_profile=ops admin_material_path=admin")).Kind.ShouldBe("conflict");
        Directory.GetFileSystemEntries(Path.Combine(cli.Folder, "outside")).ShouldBeEmpty();
        File.Exists(Path.Combine(local, "x")).ShouldBeFalse();
    }

    [Fact]
    public async Task The_administrators_credentials_are_nowhere_afterwards_and_the_profile_is_in_the_log()
    {
        TestCli.NeedsFolder();
        using var cli = await CloudAsync();
        cli.Write("admin", "admin-secret-4711");
        await cli.OpAsync("credentials bootstrap admin_profile=ops-admin admin_material_path=admin");
        Files(cli).ShouldAllBe(text => !text.Contains("admin-secret-4711", StringComparison.Ordinal));
        string.Join('\n', cli.AuditLines()).ShouldContain("ops-admin");
    }

    [Fact, Trait("fact", "credentials:14.21")]
    public async Task Credentials_that_work_are_kept_and_others_change_nothing()
    {
        TestCli.NeedsFolder();
        using var cli = await CloudAsync();
        cli.Write("bad", "bad-token");
        cli.Write("good", CloudPack.GoodToken);
        (await Staged.RefusedAsync(cli, "credentials bind --from-file bad")).Message.ShouldContain("who are you");
        (await Staged.DocumentAsync(cli)).TryGetProperty("credentials_ref", out _).ShouldBeFalse();
        (await cli.OpAsync("credentials bind --from-file good")).GetProperty("credentials_ref").GetString().ShouldBe("secret://local/default/_/cloud-deployer/token");
        (await cli.OpAsync("credentials requirements")).GetProperty("result").GetString().ShouldBe("pass");
        (await Staged.RefusedAsync(cli, "credentials bind --from-file good")).Kind.ShouldBe("conflict");
        (await Staged.RefusedAsync(cli, "credentials bind credentials_ref=secret://other/a/_/b/c replace=true force=true")).Kind.ShouldBe("spec");
        Files(cli).ShouldAllBe(text => !text.Contains(CloudPack.GoodToken, StringComparison.Ordinal));
        (await cli.OpAsync("credentials unbind")).GetProperty("material_deleted").GetBoolean().ShouldBeTrue();
        (await Staged.RefusedAsync(cli, "credentials requirements")).Kind.ShouldBe("conflict");
    }

    [Fact, Trait("fact", "credentials:14.20")]
    public void A_document_belongs_to_one_environment()
    {
        var document = new CredentialsDocument
        {
            Schema = CredentialsDocument.SchemaId,
            EnvId = EnvId.Local,
            DeployerKind = Descriptors.Read("greentic.deployer.local-process@0.1.0").Value,
            Mode = CredentialsDocument.RequirementsMode,
            ProvidedCredentialsRef = Sentinel,
            Validation = new(DateTimeOffset.UnixEpoch, "pass", []),
        };
        document.Validate().ShouldBeNull();
        (document with { ProvidedCredentialsRef = "secret://prod/a/b" }).Validate()!.Code.ShouldBe("CrossEnvRef");
        (document with { Mode = CredentialsDocument.BootstrapMode }).Validate()!.Code.ShouldBe("CredentialsMode");
    }

    private static async Task<TestCli> CloudAsync()
    {
        var cli = CloudPack.Cli(out _);
        await BindCloudAsync(cli);
        return cli;
    }

    private static async Task BindCloudAsync(TestCli cli)
    {
        await cli.OpAsync("env create");
        await cli.OpAsync("env-packs add slot=deployer kind=acme.deployer.cloud@1.0.0 pack_ref=test");
        await cli.OpAsync("env-packs add slot=secrets kind=greentic.secrets.dev-store@0.1.0 pack_ref=builtin");
    }

    private static List<string> Files(TestCli cli) =>
        [.. Directory.GetFiles(cli.StoreRoot, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)).Select(file => Encoding.Latin1.GetString(File.ReadAllBytes(file)))];

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
