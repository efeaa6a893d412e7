using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Gtc.Cli.Tests.Store;

public sealed class A_store_is_served
{
    [Fact]
    public async Task Until_it_is_told_to_stop()
    {
        using var cli = new TestCli { Clock = TimeProvider.System };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var stdout = new FirstLine();
        cli.SetVariable("GREENTIC_STORE_BIND", "127.0.0.1:0");
        var serving = GtcCommandLine.RunAsync(["store", "serve", "--format", "json"], cli.Context(stdout, TextWriter.Null) with { OpenStderr = () => Stream.Null }, stop.Token);
        var ready = JsonDocument.Parse(await stdout.Line.WaitAsync(TimeSpan.FromSeconds(60), stop.Token)).RootElement.GetProperty("result");
        ready.GetProperty("data").GetString().ShouldBe(Path.Combine(cli.Folder, ".greentic", "store"));

        using var http = new HttpClient { BaseAddress = new Uri(ready.GetProperty("address").GetString()!) };
        using var request = new HttpRequestMessage(HttpMethod.Post, "environments") { Content = JsonContent.Create(new { env_id = "shop", name = "Shop", host_config = new { env_id = "shop" } }) };
        request.Headers.Add("Idempotency-Key", "k");
        using var made = await http.SendAsync(request, stop.Token);
        made.StatusCode.ShouldBe(HttpStatusCode.OK);

        (await cli.RunAsync($"store serve --data {Path.Combine(cli.Folder, ".greentic", "store")} --listen 127.0.0.1:0")).Kind.ShouldBe("conflict");
        await stop.CancelAsync();
        (await serving).ShouldBe(0);
        (await cli.RunAsync($"op env show shop --store-root {Path.Combine(cli.Folder, ".greentic", "store")}")).Result.GetProperty("environment").GetProperty("name").GetString().ShouldBe("Shop");
    }

    [Fact]
    public async Task Not_with_a_token_file_that_is_wrong_and_not_to_the_whole_network_by_accident()
    {
        using var cli = new TestCli { Clock = TimeProvider.System };
        cli.Write("tokens.json", "{}");
        (await cli.RunAsync("store serve --listen 127.0.0.1:0 --rbac-tokens tokens.json")).Kind.ShouldBe("invalid-argument");
        (await cli.RunAsync("store serve --listen 0.0.0.0:0")).Kind.ShouldBe("invalid-argument");
        (await cli.RunAsync("store serve --listen here")).Kind.ShouldBe("invalid-argument");
        (await cli.RunAsync("store serve --listen 127.0.0.1:0 --tls-cert a.crt")).Kind.ShouldBe("invalid-argument");
        (await cli.RunAsync("store serve --listen 127.0.0.1:0 --client-ca ca.crt")).Kind.ShouldBe("invalid-argument");
        (await cli.RunAsync("store serve --listen 127.0.0.1:0 --client-crl lists.crl")).Kind.ShouldBe("invalid-argument");
        (await cli.RunAsync("store serve --listen 127.0.0.1:0 --history-max-generations-per-env 0")).Kind.ShouldBe("invalid-argument");
        (await cli.RunAsync("store serve --listen 127.0.0.1:0 --scrub-percent 101")).Kind.ShouldBe("invalid-argument");
        (await cli.RunAsync("store serve --listen 127.0.0.1:0 --artifact-keep-days 0")).Kind.ShouldBe("invalid-argument");
        (await cli.RunAsync("store serve --listen 127.0.0.1:0 --tls-cert absent.crt --tls-key absent.key")).Kind.ShouldBe("invalid-argument");
    }

    [Fact]
    public async Task Not_with_a_password_that_others_could_read()
    {
        using var cli = new TestCli { Clock = TimeProvider.System };
        var refused = await cli.RunAsync("store serve --database postgres://gtc:s3cret@127.0.0.1:1/gtc");
        refused.Kind.ShouldBe("invalid-argument");
        refused.Stderr.ShouldNotContain("s3cret");
        cli.Write("store.url", "postgres://gtc:s3cret@127.0.0.1:1/gtc\n");
        File.SetUnixFileMode(Path.Combine(cli.Folder, "store.url"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        (await cli.RunAsync("store serve --database-file store.url")).Kind.ShouldBe("invalid-argument");
        File.SetUnixFileMode(Path.Combine(cli.Folder, "store.url"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var unreachable = await cli.RunAsync("store serve --database-file store.url");
        unreachable.Kind.ShouldBe("store");
        unreachable.Stderr.ShouldNotContain("s3cret");
        unreachable.Stderr.ShouldContain("postgres://gtc@127.0.0.1:1/gtc");
        (await cli.RunAsync("store serve --database postgres://gtc@127.0.0.1:1/gtc --data here")).Kind.ShouldBe("invalid-argument");
        (await cli.RunAsync("store serve --database nonsense")).Kind.ShouldBe("invalid-argument");
    }
}
