using System.Text.Json;
using Gtc.Store.Server.Tests;

namespace Gtc.Cli.Tests.Store;

public sealed class A_store_is_backed_up_and_drilled : IDisposable
{
    private readonly TestCli _cli = new();

    private string Backup => Path.Combine(_cli.Folder, "store.gtcbak");

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task A_backup_is_made_drilled_and_restored_into_an_empty_folder()
    {
        await MakeAsync();
        var made = await OkAsync($"store backup store.gtcbak --data {_cli.StoreRoot}");
        (made.GetProperty("environments").GetInt32(), made.GetProperty("is_encrypted").GetBoolean(), made.GetProperty("bytes").GetInt64()).ShouldBe((2, false, new FileInfo(Backup).Length));
        File.GetUnixFileMode(Backup).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await OkAsync("store drill store.gtcbak")).GetProperty("environments").GetArrayLength().ShouldBe(2);

        (await OkAsync("store restore store.gtcbak --env prod --data one")).GetProperty("environments").GetArrayLength().ShouldBe(1);
        Directory.Exists(Path.Combine(_cli.Folder, "one", "staging")).ShouldBeFalse();
        (await OkAsync("store restore store.gtcbak --data all")).GetProperty("environments").GetArrayLength().ShouldBe(2);
        (await OkAsync("store check --data all")).GetProperty("environments").GetInt32().ShouldBe(2);
        (await OkAsync("op env show prod --store-root all")).GetProperty("environment").GetProperty("name").GetString().ShouldBe("b");
        (await OkAsync("op audit verify prod --store-root all")).GetProperty("lines").GetInt32().ShouldBe(4);

        var refused = await _cli.RunAsync("store restore store.gtcbak --data all --format json");
        (refused.Exit, refused.Kind).ShouldBe((1, "conflict"));
        (await OkAsync("store restore store.gtcbak --data all --replace")).GetProperty("environments").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task Bundles_that_no_revision_names_are_listed_and_removed()
    {
        await MakeAsync();
        var folder = Directory.CreateDirectory(Path.Combine(_cli.StoreRoot, ".server", "artifacts", "sha256")).FullName;
        var (old, fresh) = (new string('a', 64), new string('b', 64));
        foreach (var name in new[] { old, fresh })
        {
            await File.WriteAllTextAsync(Path.Combine(folder, name), name, TestContext.Current.CancellationToken);
        }

        File.SetLastWriteTimeUtc(Path.Combine(folder, old), _cli.Time.GetUtcNow().UtcDateTime.AddDays(-2));
        File.SetLastWriteTimeUtc(Path.Combine(folder, fresh), _cli.Time.GetUtcNow().UtcDateTime);
        var listed = await OkAsync($"store artifacts list --data {_cli.StoreRoot}");
        (listed.GetProperty("bytes").GetInt64(), listed.GetProperty("artifacts")[0].GetProperty("is_named").GetBoolean()).ShouldBe((128, false));
        (await OkAsync($"store artifacts prune --data {_cli.StoreRoot} --dry-run")).GetProperty("removed")[0].GetString().ShouldBe($"sha256:{old}");
        Directory.GetFiles(folder).Length.ShouldBe(2);
        (await OkAsync($"store artifacts prune --data {_cli.StoreRoot}")).GetProperty("bytes").GetInt64().ShouldBe(64);
        Directory.GetFiles(folder).Select(Path.GetFileName).ShouldBe([fresh]);
    }

    [Fact]
    public async Task Damage_another_key_and_another_signer_are_refused()
    {
        await MakeAsync();
        _cli.Write("key", Convert.ToBase64String(Enumerable.Repeat((byte)3, 32).ToArray()));
        _cli.Write("other", Convert.ToBase64String(new byte[32]));
        foreach (var file in new[] { "key", "other" })
        {
            File.SetUnixFileMode(Path.Combine(_cli.Folder, file), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        (await OkAsync($"store backup store.gtcbak --data {_cli.StoreRoot} --key-file key")).GetProperty("is_encrypted").GetBoolean().ShouldBeTrue();
        (await OkAsync("store drill store.gtcbak --key-file key")).GetProperty("environments").GetArrayLength().ShouldBe(2);
        (await _cli.RunAsync("store drill store.gtcbak --key-file other --format json")).Message.ShouldContain("the key is another one");
        (await _cli.RunAsync("store drill store.gtcbak --format json")).Message.ShouldContain("encrypted");
        var bytes = await File.ReadAllBytesAsync(Backup, TestContext.Current.CancellationToken);
        bytes[bytes.Length / 2] ^= 4;
        await File.WriteAllBytesAsync(Backup, bytes, TestContext.Current.CancellationToken);
        var damaged = await _cli.RunAsync("store restore store.gtcbak --data all --key-file key --format json");
        (damaged.Exit, damaged.Kind).ShouldBe((1, "invalid-argument"));
        Directory.Exists(Path.Combine(_cli.Folder, "all")).ShouldBeFalse();

        await OkAsync($"store backup plain.gtcbak --data {_cli.StoreRoot} --operator-key stranger.pem");
        (await _cli.RunAsync("store drill plain.gtcbak --format json")).Kind.ShouldBe("unauthorized");
        (await OkAsync("store drill plain.gtcbak --trust stranger.pem.pub")).GetProperty("environments").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task A_backup_goes_to_an_S3_endpoint_and_comes_back()
    {
        await MakeAsync();
        await using var endpoint = await StrictS3.StartAsync();
        _cli.SetVariable("AWS_ACCESS_KEY_ID", StrictS3.AccessKeyId);
        _cli.SetVariable("AWS_SECRET_ACCESS_KEY", StrictS3.SecretAccessKey);
        _cli.SetVariable("AWS_REGION", StrictS3.Region);
        await OkAsync($"store backup s3://backups/nightly/store.gtcbak --s3-endpoint {endpoint.Address} --data {_cli.StoreRoot}");
        endpoint.Objects.Keys.ShouldBe(["/backups/nightly/store.gtcbak"]);
        (await OkAsync($"store drill s3://backups/nightly/store.gtcbak --s3-endpoint {endpoint.Address}")).GetProperty("environments").GetArrayLength().ShouldBe(2);
        (await _cli.RunAsync($"store drill s3://backups/absent --s3-endpoint {endpoint.Address} --format json")).Kind.ShouldBe("not-found");
        _cli.SetVariable("AWS_SECRET_ACCESS_KEY", "another");
        (await _cli.RunAsync($"store drill s3://backups/nightly/store.gtcbak --s3-endpoint {endpoint.Address} --format json")).Kind.ShouldBe("unauthorized");
    }

    [Fact]
    public async Task Damage_at_rest_is_named()
    {
        await MakeAsync();
        await OkAsync($"store check --data {_cli.StoreRoot}");
        var log = Path.Combine(_cli.StoreRoot, "prod", "audit", "events.jsonl");
        var lines = await File.ReadAllLinesAsync(log, TestContext.Current.CancellationToken);
        lines[1] = lines[1].Replace("update", "upgrade", StringComparison.Ordinal);
        await File.WriteAllLinesAsync(log, lines, TestContext.Current.CancellationToken);
        var damaged = await _cli.RunAsync($"store check --data {_cli.StoreRoot} --format json");
        (damaged.Exit, damaged.Kind).ShouldBe((1, "store"));
        damaged.Error.GetRawText().ShouldContain("prod: audit line 2");
    }

    [Fact]
    public async Task An_exported_audit_log_is_the_log_and_verifies_by_its_head()
    {
        await MakeAsync();
        var exported = await OkAsync($"audit export prod --store-root {_cli.StoreRoot} --out prod.jsonl");
        var head = exported.GetProperty("head").GetString();
        var file = Path.Combine(_cli.Folder, "prod.jsonl");
        (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).ShouldBe(
            await File.ReadAllTextAsync(Path.Combine(_cli.StoreRoot, "prod", "audit", "events.jsonl"), TestContext.Current.CancellationToken));
        (await OkAsync($"audit verify prod.jsonl --head {head}")).GetProperty("head").GetString().ShouldBe(head);
        await File.WriteAllLinesAsync(file, (await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken))[..^1], TestContext.Current.CancellationToken);
        await OkAsync("audit verify prod.jsonl");
        (await _cli.RunAsync($"audit verify prod.jsonl --head {head} --format json")).Message.ShouldContain("missing at the end");
        (await _cli.RunAsync($"audit export prod --store-root {_cli.StoreRoot} --out prod.jsonl --format json")).Kind.ShouldBe("conflict");
        var printed = await _cli.RunAsync($"audit export prod --store-root {_cli.StoreRoot}");
        printed.Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(3);
    }

    private async Task MakeAsync()
    {
        await _cli.OpAsync("env create prod --name a");
        await _cli.OpAsync("env update prod --name a2");
        await _cli.OpAsync("env update prod --name b");
        await _cli.OpAsync("env create staging --name c");
    }

    private async Task<JsonElement> OkAsync(string line)
    {
        var run = await _cli.RunAsync($"{line} --format json");
        run.Exit.ShouldBe(0, run.Stderr);
        return run.Result;
    }
}
