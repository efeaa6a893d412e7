using System.Text.Json;

namespace Gtc.Cli.Tests.Store;

public sealed class A_server_keeps_backups
{
    [Fact]
    public async Task They_are_made_gone_back_to_taken_elsewhere_and_drilled_against_the_server()
    {
        using var cli = new TestCli { Clock = TimeProvider.System };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var stdout = new FirstLine();
        var serving = GtcCommandLine.RunAsync(["store", "serve", "--listen", "127.0.0.1:0", "--format", "json"], cli.Context(stdout, TextWriter.Null) with { OpenStderr = () => Stream.Null }, stop.Token);
        var ready = JsonDocument.Parse(await stdout.Line.WaitAsync(TimeSpan.FromSeconds(60), stop.Token)).RootElement.GetProperty("result");
        var server = $"--store-url {ready.GetProperty("address").GetString()}";
        await OkAsync(cli, $"op env create prod --name before {server}");
        var id = (await OkAsync(cli, $"op backups create prod {server}")).GetProperty("backup_id").GetString();
        await OkAsync(cli, $"op env update prod --name after {server}");
        (await OkAsync(cli, $"op backups list prod {server}")).GetProperty("backups").GetArrayLength().ShouldBe(1);
        (await cli.RunAsync($"op backups restore prod --backup {id} --expect-generation 1 {server} --format json")).Exit.ShouldBe(1);
        (await cli.RunAsync($"op backups restore prod --backup {id} --if-match {new string('0', 64)} {server} --format json")).Kind.ShouldBe("conflict");
        (await cli.RunAsync($"op backups restore prod --backup {id} --if-match W/x {server} --format json")).Kind.ShouldBe("invalid-argument");
        cli.Write("none.json", "{}");
        foreach (var verb in (string[])["create prod", $"delete prod --backup {id}", "import other --file none.json"])
        {
            (await cli.RunAsync($"op backups {verb} --expect-generation 2 {server} --format json")).Message.ShouldEndWith("takes no --expect-generation");
            (await cli.RunAsync($"op backups {verb} --if-match {new string('0', 64)} {server} --format json")).Message.ShouldEndWith("takes no --if-match");
        }

        using var http = new HttpClient();
        var seen = (await http.GetAsync(new Uri(new Uri(ready.GetProperty("address").GetString()!), "environments/prod"), stop.Token)).Headers.ETag!.Tag;
        (await OkAsync(cli, $"op backups restore prod --backup {id} --if-match {seen} {server}")).GetProperty("restored_generation").GetInt32().ShouldBe(3);
        (await OkAsync(cli, $"op env show prod {server}")).GetProperty("environment").GetProperty("name").GetString().ShouldBe("before");
        await OkAsync(cli, $"op backups export prod --backup {id} --out prod.json {server}");
        (await cli.RunAsync($"op backups import prod --file prod.json {server} --format json")).Kind.ShouldBe("conflict");
        await OkAsync(cli, $"op backups delete prod --backup {id} {server}");
        (await cli.RunAsync("op backups list prod --format json")).Kind.ShouldBe("invalid-argument");

        var exported = await OkAsync(cli, $"audit export prod --out prod.jsonl {server}");
        (await OkAsync(cli, $"audit verify prod.jsonl --head {exported.GetProperty("head").GetString()}")).GetProperty("lines").GetInt64().ShouldBe(exported.GetProperty("lines").GetInt64());
        (await File.ReadAllTextAsync(Path.Combine(cli.Folder, "prod.jsonl"), stop.Token)).ShouldBe(
            await File.ReadAllTextAsync(Path.Combine(cli.Folder, ".greentic", "store", "prod", "audit", "events.jsonl"), stop.Token));

        await OkAsync(cli, "store backup store.gtcbak");
        await OkAsync(cli, $"op env update prod --name later {server}");
        (await OkAsync(cli, $"store drill store.gtcbak {server}")).GetProperty("environments")[0].GetProperty("live").GetString().ShouldBe("had the same document");
        await stop.CancelAsync();
        (await serving).ShouldBe(0);
    }

    private static async Task<JsonElement> OkAsync(TestCli cli, string line)
    {
        var run = await cli.RunAsync($"{line} --format json");
        run.Exit.ShouldBe(0, $"{line}: {run.Stderr}");
        return run.Result;
    }
}
