using Gtc.Nats;
using Gtc.Nats.Tests;

namespace Gtc.Cli.Tests;

public sealed class Buckets_are_looked_into
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Values_are_put_listed_got_and_followed()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = (await NatsConnection.ConnectAsync(new NatsOptions { Urls = [server.Url] }, TimeProvider.System, Token)).Value;
        await connection.JetStream().EnsureBucketAsync(new BucketConfig { Name = "device-state", History = 5 }, Token);
        using var cli = new TestCli();
        cli.SetVariable("NATS_URL", server.Url);
        cli.Write("value.json", """{"phase":"Running"}""");

        (await RunAsync(cli, "put device-state state.pi-1.web starting")).Result.GetProperty("revision").GetUInt64().ShouldBe(1UL);
        (await RunAsync(cli, "put device-state state.pi-1.web --file value.json --expect-revision 1")).Result.GetProperty("revision").GetUInt64().ShouldBe(2UL);
        var conflict = await RunAsync(cli, "put device-state state.pi-1.web other --expect-revision 1");
        var buckets = (await RunAsync(cli, "ls")).Result.GetProperty("buckets");
        var keys = (await RunAsync(cli, "ls device-state state.pi-1.>")).Result.GetProperty("keys");
        var got = (await RunAsync(cli, "get device-state state.pi-1.web")).Result;
        var earlier = await cli.RunAsync("fleet nats kv get device-state state.pi-1.web --revision 1 --raw");
        var history = (await RunAsync(cli, "history device-state state.pi-1.web")).Result.GetProperty("entries");
        var watched = await cli.RunAsync("fleet nats kv watch device-state --limit 1 --raw");

        (conflict.Exit, conflict.Kind).ShouldBe((1, "conflict"));
        buckets[0].GetProperty("name").GetString().ShouldBe("device-state");
        keys[0].GetProperty("key").GetString().ShouldBe("state.pi-1.web");
        got.GetProperty("value").GetString().ShouldBe("""{"phase":"Running"}""");
        earlier.Stdout.ShouldBe("starting");
        history.GetArrayLength().ShouldBe(2);
        watched.Stdout.ShouldBe("{\"phase\":\"Running\"}\n");
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_shown_in_base64_and_not_raw()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = (await NatsConnection.ConnectAsync(new NatsOptions { Urls = [server.Url] }, TimeProvider.System, Token)).Value;
        var bucket = (await connection.JetStream().EnsureBucketAsync(new BucketConfig { Name = "b" }, Token)).Value;
        await bucket.PutAsync("k", new byte[] { 0xff, 0xfe }, Token);
        using var cli = new TestCli();

        (await RunAsync(cli, $"get b k --server {server.Url}")).Result.GetProperty("value_base64").GetString().ShouldBe("//4=");
        (await RunAsync(cli, $"get b k --raw --server {server.Url}")).Kind.ShouldBe("conflict");
    }

    [Fact]
    public async Task What_is_not_there_or_not_reached_is_told_with_what_to_do()
    {
        await using var server = await NatsServer.StartAsync();
        using var cli = new TestCli();

        var bucket = await RunAsync(cli, $"get none k --server {server.Url}");
        await server.StopAsync();
        var broker = await RunAsync(cli, $"ls --server {server.Url}");
        var address = await RunAsync(cli, "ls --server http://a");

        (bucket.Exit, bucket.Kind).ShouldBe((1, "not-found"));
        broker.Exit.ShouldBe(1);
        broker.Message.ShouldContain("cannot be reached");
        address.Kind.ShouldBe("invalid-argument");
    }

    private static Task<TestRun> RunAsync(TestCli cli, string line) => cli.RunAsync($"fleet nats kv {line} --format json");
}
