namespace Gtc.Nats.Tests;

public sealed class Nothing_is_missing_in_order
{
    private const int Keys = 3000;

    private static readonly WatchOptions Impatient = new() { Heartbeat = TimeSpan.FromMilliseconds(100) };

    private static CancellationToken Token => Clients.Token;

    [Theory]
    [InlineData(7)]
    [InlineData(500)]
    public async Task When_messages_are_lost_on_the_way(int oneIn)
    {
        await using var server = await NatsServer.StartAsync();
        var seen = 0;
        await using var proxy = new FrameProxy(server, (_, reply) => !reply.StartsWith("$JS.ACK.", StringComparison.Ordinal) || ++seen % oneIn != 0);
        await using var writer = await server.ConnectAsync();
        await using var connection = await server.ConnectAsync(options => options with { Urls = [proxy.Url] });
        var bucket = await FilledAsync(writer, oneIn == 7 ? 100 : Keys);

        await using var watch = await connection.JetStream().Bucket("b").Ok().WatchAsync(">", Impatient, Token).Ok();

        await ReadsAsync(watch, 1, oneIn == 7 ? 100UL : Keys);
        watch.Restarts.ShouldBeGreaterThan(0);
        await bucket.PutAsync("last", default, Token).Ok();
        (await watch.ReadAsync(Token)).ShouldNotBeNull().Key.ShouldBe("last");
    }

    [Fact]
    public async Task When_the_very_last_message_is_lost_and_nothing_follows()
    {
        await using var server = await NatsServer.StartAsync();
        var isLosing = true;
        await using var proxy = new FrameProxy(server, (subject, _) => !(isLosing && subject == "$KV.b.live"));
        await using var writer = await server.ConnectAsync();
        await using var connection = await server.ConnectAsync(options => options with { Urls = [proxy.Url] });
        var bucket = await FilledAsync(writer, 10);
        await using var watch = await connection.JetStream().Bucket("b").Ok().WatchAsync(">", Impatient, Token).Ok();
        await ReadsAsync(watch, 1, 10);

        var reading = watch.ReadAsync(Token);
        await bucket.PutAsync("live", default, Token).Ok();
        await writer.FlushAsync(Token).Ok();
        isLosing = false;

        (await reading).ShouldNotBeNull().Key.ShouldBe("live");
    }

    [Fact]
    public async Task When_the_connection_is_cut_again_and_again()
    {
        await using var server = await NatsServer.StartAsync();
        await using var proxy = new FrameProxy(server, (_, _) => true);
        await using var writer = await server.ConnectAsync();
        await using var connection = await server.ConnectAsync(options => options with { Urls = [proxy.Url] });

        // More than the server sends before the reader has read some of it.
        await FilledAsync(writer, Keys, size: 4096);
        await using var watch = await connection.JetStream().Bucket("b").Ok().WatchAsync(">", Impatient, Token).Ok();

        var expected = 0UL;
        while (expected < Keys)
        {
            (await watch.ReadAsync(Token)).ShouldNotBeNull().Revision.ShouldBe(++expected);
            if (expected % 700 == 0)
            {
                proxy.Cut();
            }
        }

        // Cuts that come close to each other may be made good by one restart, or come when all is read already.
        watch.Restarts.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task When_the_broker_is_killed_while_all_that_is_there_is_read()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        await FilledAsync(connection, Keys);
        await using var watch = await connection.JetStream().Bucket("b").Ok().WatchAsync(">", Impatient, Token).Ok();

        (await watch.ReadAsync(Token)).ShouldNotBeNull().Revision.ShouldBe(1UL);
        await server.KillAsync();
        await server.StartAsync();

        await ReadsAsync(watch, 2, Keys);
    }

    [Fact]
    public async Task When_the_broker_is_killed_while_changes_are_awaited()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        var bucket = await FilledAsync(connection, 10);
        await using var watch = await bucket.WatchAsync(">", Impatient, Token).Ok();
        await using var changes = await bucket.WatchAsync(">", Impatient with { From = DeliverFrom.New }, Token).Ok();
        await ReadsAsync(watch, 1, 10);

        await server.StopAsync();
        await server.StartAsync();
        await connection.WaitUntilConnectedAsync(Token).Ok();
        await WriteUntilTakenAsync(bucket, "live");

        (await watch.ReadAsync(Token)).ShouldNotBeNull().Key.ShouldBe("live");
        (await changes.ReadAsync(Token)).ShouldNotBeNull().Key.ShouldBe("live");
    }

    [Fact]
    public async Task When_a_server_hangs_without_a_word()
    {
        await using var server = await NatsServer.StartAsync();
        await using var writer = await server.ConnectAsync();
        await FilledAsync(writer, 10);
        await using var connection = await server.ConnectAsync(options => options with { PingInterval = TimeSpan.FromMilliseconds(200), ConnectTimeout = TimeSpan.FromMilliseconds(500) });
        var lost = new TaskCompletionSource();
        connection.StatusChanged += status => _ = status.State == NatsState.Connecting && lost.TrySetResult();
        var bucket = connection.JetStream().Bucket("b").Ok();
        await using var watch = await bucket.WatchAsync(">", Impatient, Token).Ok();
        await ReadsAsync(watch, 1, 10);

        await server.SignalAsync("STOP");
        await lost.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
        await server.SignalAsync("CONT");
        await connection.WaitUntilConnectedAsync(Token).Ok();
        await WriteUntilTakenAsync(bucket, "live");

        (await watch.ReadAsync(Token)).ShouldNotBeNull().Key.ShouldBe("live");
    }

    private static async Task<Bucket> FilledAsync(NatsConnection connection, int keys, int size = 300)
    {
        var bucket = await connection.JetStream().EnsureBucketAsync(new BucketConfig { Name = "b" }, Token).Ok();
        var pipeline = bucket.OpenPipeline(512, (_, result) => result.Ok());
        for (var number = 1; number <= keys; number++)
        {
            await pipeline.PutAsync($"k.{number}", new byte[size], default, number, Token).Ok();
        }

        await pipeline.DrainAsync(Token);
        return bucket;
    }

    private static async Task ReadsAsync(BucketWatch watch, ulong from, ulong to)
    {
        for (var revision = from; revision <= to; revision++)
        {
            (await watch.ReadAsync(Token)).ShouldNotBeNull($"{watch.Error}").Revision.ShouldBe(revision);
        }
    }

    /// <summary>The condition makes the repetition harmless: a write that was taken without an answer is not taken twice.</summary>
    private static async Task WriteUntilTakenAsync(Bucket bucket, string key)
    {
        while ((await bucket.PutAsync(key, default, new BucketWrite { ExpectedRevision = 0 }, Token)).Error is { Kind: not NatsErrorKind.WrongLastSequence })
        {
            await bucket.Streams.Connection.WaitUntilConnectedAsync(Token).Ok();
        }
    }
}
