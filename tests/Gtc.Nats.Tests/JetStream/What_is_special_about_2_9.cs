using System.Text;
using System.Text.Json.Nodes;

namespace Gtc.Nats.Tests;

/// <summary>Claims about nats-server 2.9 that the client works around, each proven against the server. On newer servers those that were mended are skipped.</summary>
public sealed class What_is_special_about_2_9
{
    private static CancellationToken Token => Clients.Token;

    [Fact]
    public async Task A_consumer_with_several_filters_gets_everything()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await ConnectAsync(server);
        var bucket = await connection.JetStream().EnsureBucketAsync(new BucketConfig { Name = "b" }, Token).Ok();
        foreach (var key in "abc")
        {
            await bucket.PutAsync($"{key}", default, Token).Ok();
        }

        var reply = await CallAsync(
            connection, "CONSUMER.CREATE.KV_b.c1", """{"stream_name":"KV_b","config":{"name":"c1","ack_policy":"none","filter_subjects":["$KV.b.a","$KV.b.b"]}}""");

        reply["error"].ShouldBeNull();
        reply["config"]!["filter_subjects"].ShouldBeNull();
        reply["num_pending"]!.GetValue<int>().ShouldBe(3);
    }

    [Fact]
    public async Task A_literal_filter_with_the_last_per_subject_forgets_a_key_whose_blocks_were_overwritten()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await ConnectAsync(server);
        var streams = connection.JetStream();
        var bucket = await streams.EnsureBucketAsync(new BucketConfig { Name = "b", MaxBytes = 64 * 1024 * 1024 }, Token).Ok();
        var pipeline = bucket.OpenPipeline(256, (_, result) => result.Ok());
        for (var round = 0; round < 3; round++)
        {
            for (var number = 0; number < 40_000; number++)
            {
                await pipeline.PutAsync($"k.{number % 20_000}", new byte[200], default, number, Token).Ok();
            }
        }

        await pipeline.DrainAsync(Token);
        await bucket.PutAsync("k.7", "here"u8.ToArray(), Token).Ok();
        for (var number = 0; number < 20_000; number++)
        {
            await pipeline.PutAsync($"k.{(number == 7 ? 8 : number)}", new byte[200], default, number, Token).Ok();
        }

        await pipeline.DrainAsync(Token);
        var literal = await CallAsync(
            connection,
            "CONSUMER.CREATE.KV_b.c1.$KV.b.k.7",
            """{"stream_name":"KV_b","config":{"name":"c1","ack_policy":"none","deliver_policy":"last_per_subject","filter_subject":"$KV.b.k.7"}}""");

        (await bucket.GetAsync("k.7", Token).Ok()).Value.Span.SequenceEqual("here"u8).ShouldBeTrue();
        await using var watch = await bucket.WatchAsync("k.7", Token).Ok();
        (await watch.ReadInitialAsync(Token).ToListAsync(Token)).ShouldHaveSingleItem().Value.Span.SequenceEqual("here"u8).ShouldBeTrue();
        literal["num_pending"]!.GetValue<int>().ShouldBe(0);
        (await streams.ConsumeAsync("KV_b", new ConsumerOptions { Filter = "$KV.b.k.7", From = DeliverFrom.LastPerSubject }, Token))
            .Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.Invalid);
    }

    [Fact]
    public async Task Members_that_it_does_not_know_are_left_out_without_a_word()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await ConnectAsync(server);

        var reply = await CallAsync(
            connection, "STREAM.CREATE.S", """{"name":"S","subjects":["s.>"],"retention":"limits","storage":"file","metadata":{"a":"b"},"compression":"s2","num_replicas":1}""");

        reply["error"].ShouldBeNull();
        reply["config"]!["metadata"].ShouldBeNull();
        reply["config"]!["compression"].ShouldBeNull();
    }

    [Fact]
    public async Task A_direct_get_on_a_stream_that_is_not_there_is_not_answered()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await ConnectAsync(server, options => options with { RequestTimeout = TimeSpan.FromMilliseconds(300) });
        await connection.JetStream().EnsureBucketAsync(new BucketConfig { Name = "other" }, Token).Ok();

        (await connection.JetStream().Bucket("none").Ok().GetAsync("k", Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.TimedOut);
    }

    [Fact]
    public async Task Keys_with_an_empty_token_reach_no_stream_and_no_error_comes()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await ConnectAsync(server);
        await connection.JetStream().EnsureBucketAsync(new BucketConfig { Name = "b" }, Token).Ok();
        using var raw = new System.Net.Sockets.TcpClient("127.0.0.1", server.Port);
        await raw.GetStream().WriteAsync("CONNECT {\"verbose\":false,\"pedantic\":false}\r\nPUB $KV.b.a..b 1\r\nx\r\nPING\r\n"u8.ToArray(), Token);

        var said = await FakeServer.UntilAsync(raw.GetStream(), "PONG", Token);

        said.ShouldNotContain("-ERR");
        (await connection.JetStream().StreamAsync("KV_b", Token).Ok()).State.Messages.ShouldBe(0UL);
    }

    [Fact]
    public async Task It_takes_any_key()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await ConnectAsync(server);
        var streams = connection.JetStream();
        await streams.EnsureBucketAsync(new BucketConfig { Name = "b" }, Token).Ok();

        (await streams.PublishAsync("$KV.b.ä!", default, default, Token)).IsOk.ShouldBeTrue();
        (await streams.Bucket("b").Ok().PutAsync("ä!", default, Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.Invalid);
    }

    [Fact]
    public async Task A_start_sequence_beyond_the_end_is_cut_without_a_word()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await ConnectAsync(server);
        var bucket = await connection.JetStream().EnsureBucketAsync(new BucketConfig { Name = "b" }, Token).Ok();
        await bucket.PutAsync("k", default, Token).Ok();

        await using var consumer = await connection.JetStream().ConsumeAsync("KV_b", new ConsumerOptions { From = DeliverFrom.Sequence(1000) }, Token).Ok();
        await bucket.PutAsync("k", default, Token).Ok();

        (await consumer.ReadAsync(Token)).ShouldNotBeNull().Sequence.ShouldBe(2UL);
    }

    [Fact]
    public async Task The_filter_of_the_subject_has_to_be_that_of_the_body()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await ConnectAsync(server);
        await connection.JetStream().EnsureBucketAsync(new BucketConfig { Name = "b" }, Token).Ok();

        var reply = await CallAsync(
            connection, "CONSUMER.CREATE.KV_b.c1.$KV.b.a", """{"stream_name":"KV_b","config":{"name":"c1","ack_policy":"none","filter_subject":"$KV.b.>"}}""");

        reply["error"]!["err_code"]!.GetValue<int>().ShouldBe(JetStreamErrors.FilterMismatch);
    }

    [Fact]
    public async Task The_last_per_subject_needs_a_filter()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await ConnectAsync(server);
        await connection.JetStream().EnsureBucketAsync(new BucketConfig { Name = "b" }, Token).Ok();

        var reply = await CallAsync(
            connection, "CONSUMER.CREATE.KV_b.c1", """{"stream_name":"KV_b","config":{"name":"c1","ack_policy":"none","deliver_policy":"last_per_subject"}}""");

        reply["error"]!["err_code"]!.GetValue<int>().ShouldBe(JetStreamErrors.InvalidDeliverPolicy);
    }

    [Fact]
    public async Task Republishing_cannot_be_changed_later()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await ConnectAsync(server);
        var config = new BucketConfig { Name = "b" };
        await connection.JetStream().EnsureBucketAsync(config, Token).Ok();

        var error = (await connection.JetStream().EnsureBucketAsync(config with { Republish = new() { Source = "$KV.b.>", Destination = "again.>" } }, Token)).Error.ShouldNotBeNull();

        error.Kind.ShouldBe(NatsErrorKind.Refused);
        error.Message.ShouldContain("RePublish");
    }

    [Fact]
    public async Task A_republished_entry_says_which_it_was_and_which_came_before()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await ConnectAsync(server);
        var bucket = await connection.JetStream().EnsureBucketAsync(
            new BucketConfig { Name = "desired-state", Republish = new() { Source = "$KV.desired-state.>", Destination = "fleet.desired.>" } }, Token).Ok();
        await using var device = await connection.SubscribeAsync("fleet.desired.pi-1.>", Token).Ok();
        await bucket.PutAsync("pi-2.web", default, Token).Ok();
        await bucket.PutAsync("pi-1.web", "1"u8.ToArray(), new BucketWrite { Headers = new NatsHeaders { { "Own", "x" } } }, Token).Ok();
        await bucket.PutAsync("pi-1.web", "2"u8.ToArray(), Token).Ok();
        await bucket.DeleteAsync("pi-1.web", Token).Ok();

        var messages = new List<NatsMessage>();
        for (var number = 0; number < 3; number++)
        {
            messages.Add((await device.ReadAsync(Token)).ShouldNotBeNull());
        }

        messages.Select(message => (message.Subject, Encoding.UTF8.GetString(message.Payload.Span), message.Headers!["Nats-Sequence"], message.Headers["Nats-Last-Sequence"]))
            .ShouldBe([("fleet.desired.pi-1.web", "1", "2", "0"), ("fleet.desired.pi-1.web", "2", "3", "2"), ("fleet.desired.pi-1.web", "", "4", "3")]);
        messages[0].Headers!["Own"].ShouldBe("x");
        messages[0].Headers!["Nats-Subject"].ShouldBe("$KV.desired-state.pi-1.web");
        messages[2].Headers!["KV-Operation"].ShouldBe("DEL");
    }

    private static async Task<NatsConnection> ConnectAsync(NatsServer server, Func<NatsOptions, NatsOptions>? change = null)
    {
        var connection = await server.ConnectAsync(change);
        if (connection.Server?.Version.StartsWith("2.9.", StringComparison.Ordinal) != true)
        {
            var version = connection.Server?.Version;
            await connection.DisposeAsync();
            Assert.Skip($"this is about nats-server 2.9, {version} is installed");
        }

        return connection;
    }

    private static async Task<JsonObject> CallAsync(NatsConnection connection, string subject, string body) =>
        JsonNode.Parse((await connection.RequestAsync($"$JS.API.{subject}", Encoding.UTF8.GetBytes(body), Token).Ok()).Payload.Span)!.AsObject();
}
