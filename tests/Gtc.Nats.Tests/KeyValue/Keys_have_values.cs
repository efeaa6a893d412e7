using System.Text;

namespace Gtc.Nats.Tests;

public sealed class Keys_have_values
{
    private static CancellationToken Token => Clients.Token;

    [Fact]
    public async Task A_value_is_put_and_read_with_its_revision_time_and_headers()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        var bucket = await connection.JetStream().EnsureBucketAsync(new BucketConfig { Name = "b" }, Token).Ok();
        var before = DateTimeOffset.UtcNow;

        (await bucket.PutAsync("a.b", "one"u8.ToArray(), Token).Ok()).ShouldBe(1UL);
        (await bucket.PutAsync("a.b", "two"u8.ToArray(), new BucketWrite { Headers = new NatsHeaders { { "From", "test" } } }, Token).Ok()).ShouldBe(2UL);
        var entry = await bucket.GetAsync("a.b", Token).Ok();

        entry.Key.ShouldBe("a.b");
        Encoding.UTF8.GetString(entry.Value.Span).ShouldBe("two");
        entry.Revision.ShouldBe(2UL);
        entry.Headers.ShouldNotBeNull()["From"].ShouldBe("test");
        entry.Created.ShouldBeInRange(before.AddSeconds(-1), DateTimeOffset.UtcNow.AddSeconds(1));
        entry.Operation.ShouldBe(BucketOperation.Put);
        (await bucket.GetAsync("nothing", Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.NotFound);
    }

    [Fact]
    public async Task A_deleted_key_has_no_value_but_a_last_entry_and_can_be_created_again()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        var bucket = await connection.JetStream().EnsureBucketAsync(new BucketConfig { Name = "b" }, Token).Ok();

        (await bucket.CreateAsync("k", "1"u8.ToArray(), Token).Ok()).ShouldBe(1UL);
        (await bucket.CreateAsync("k", "2"u8.ToArray(), Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.AlreadyExists);
        await bucket.DeleteAsync("k", Token).Ok();

        (await bucket.GetAsync("k", Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.NotFound);
        (await bucket.GetLastAsync("k", Token).Ok()).Operation.ShouldBe(BucketOperation.Delete);
        (await bucket.CreateAsync("k", "3"u8.ToArray(), Token).Ok()).ShouldBe(3UL);
    }

    [Fact]
    public async Task An_update_succeeds_only_on_the_revision_that_it_expects_and_the_refusal_names_the_actual_one()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        var bucket = await connection.JetStream().EnsureBucketAsync(new BucketConfig { Name = "b" }, Token).Ok();
        await bucket.PutAsync("k", "1"u8.ToArray(), Token).Ok();

        (await bucket.UpdateAsync("k", "2"u8.ToArray(), 1, Token).Ok()).ShouldBe(2UL);
        var error = (await bucket.UpdateAsync("k", "3"u8.ToArray(), 1, Token)).Error.ShouldNotBeNull();

        error.Kind.ShouldBe(NatsErrorKind.WrongLastSequence);
        error.Code.ShouldBe(10071);
        error.LastSequence.ShouldBe(2UL);
        (await bucket.DeleteAsync("k", new BucketWrite { ExpectedRevision = 1 }, Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.WrongLastSequence);
    }

    [Fact]
    public async Task Of_many_clients_that_update_at_once_exactly_one_wins_each_round()
    {
        await using var server = await NatsServer.StartAsync();
        var clients = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => server.ConnectAsync()));
        var buckets = new List<Bucket>();
        foreach (var client in clients)
        {
            buckets.Add(await client.JetStream().EnsureBucketAsync(new BucketConfig { Name = "b" }, Token).Ok());
        }

        var revision = await buckets[0].PutAsync("k", default, Token).Ok();
        for (var round = 0; round < 50; round++)
        {
            var written = await Task.WhenAll(buckets.Select(bucket => bucket.UpdateAsync("k", default, revision, Token).AsTask()));

            written.Count(result => result.IsOk).ShouldBe(1);
            written.Where(result => !result.IsOk).ShouldAllBe(result => result.Error!.Kind == NatsErrorKind.WrongLastSequence);
            revision = written.Single(result => result.IsOk).Value;
        }

        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_write_with_the_id_of_an_earlier_one_is_not_stored_again()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        var streams = connection.JetStream();
        var bucket = await streams.EnsureBucketAsync(new BucketConfig { Name = "b" }, Token).Ok();

        var first = await streams.PublishAsync("$KV.b.k", "1"u8.ToArray(), new PublishOptions { MessageId = "m1" }, Token).Ok();
        var second = await streams.PublishAsync("$KV.b.k", "1"u8.ToArray(), new PublishOptions { MessageId = "m1" }, Token).Ok();

        first.ShouldBe(new PublishAck(1, false));
        second.ShouldBe(new PublishAck(1, true));
        (await bucket.PutAsync("k", "1"u8.ToArray(), new BucketWrite { MessageId = "m1" }, Token).Ok()).ShouldBe(1UL);
    }

    [Fact]
    public async Task History_has_what_is_kept_and_purge_leaves_only_its_marker()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        var bucket = await connection.JetStream().EnsureBucketAsync(new BucketConfig { Name = "b", History = 3 }, Token).Ok();
        for (var value = 1; value <= 4; value++)
        {
            await bucket.PutAsync("k", Encoding.UTF8.GetBytes($"{value}"), Token).Ok();
        }

        await bucket.PutAsync("other", default, Token).Ok();
        await bucket.DeleteAsync("k", Token).Ok();

        (await bucket.HistoryAsync("k", Token).Ok()).Select(entry => (entry.Revision, entry.Operation))
            .ShouldBe([(3UL, BucketOperation.Put), (4UL, BucketOperation.Put), (6UL, BucketOperation.Delete)]);
        (await bucket.GetAsync("k", 4, Token).Ok()).Value.Span.SequenceEqual("4"u8).ShouldBeTrue();
        (await bucket.GetAsync("k", 5, Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.NotFound);
        await bucket.PurgeAsync("k", Token).Ok();
        (await bucket.HistoryAsync("k", Token).Ok()).ShouldHaveSingleItem().Operation.ShouldBe(BucketOperation.Purge);
        (await bucket.HistoryAsync("never", Token).Ok()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_bucket_without_roll_ups_refuses_a_purge()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        var bucket = await connection.JetStream().EnsureBucketAsync(new BucketConfig { Name = "b", AllowsRollUp = false }, Token).Ok();
        await bucket.PutAsync("k", default, Token).Ok();

        var error = (await bucket.PurgeAsync("k", Token)).Error.ShouldNotBeNull();

        error.Kind.ShouldBe(NatsErrorKind.RollUpRefused);
        error.Code.ShouldBe(10111);
    }

    [Fact]
    public async Task A_bucket_is_made_once_changed_in_place_and_known_when_it_is_not_there()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        var streams = connection.JetStream();
        (await streams.BucketAsync("b", Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.NotFound);

        var config = new BucketConfig { Name = "b", Republish = new() { Source = "$KV.b.>", Destination = "again.>" } };
        await streams.EnsureBucketAsync(config, Token).Ok();
        var bucket = await streams.EnsureBucketAsync(config with { MaxValueBytes = 100 }, Token).Ok();

        var status = await bucket.StatusAsync(Token).Ok();
        status.Config.MaxMsgSize.ShouldBe(100);
        status.Config.Republish.ShouldNotBeNull().Destination.ShouldBe("again.>");
        status.Config.DenyDelete.ShouldBeTrue();
        status.Created.ShouldBeGreaterThan(DateTimeOffset.UnixEpoch);
        (await bucket.PutAsync("k", new byte[200], Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.TooLarge);
        (await streams.EnsureBucketAsync(new BucketConfig { Name = "b", Storage = StreamStorage.Memory }, Token)).IsOk.ShouldBeFalse();
        (await streams.BucketNamesAsync(Token).Ok()).ShouldBe(["b"]);
        await streams.DeleteBucketAsync("b", Token).Ok();
        (await streams.BucketAsync("b", Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.NotFound);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".a")]
    [InlineData("a.")]
    [InlineData("a..b")]
    [InlineData("a b")]
    [InlineData("a*")]
    [InlineData("ä")]
    [InlineData("a\r\nb")]
    public async Task A_key_that_the_server_would_not_refuse_is_refused_here(string key)
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        var bucket = connection.JetStream().Bucket("b").Ok();

        (await bucket.PutAsync(key, default, Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.Invalid);
        (await bucket.GetAsync(key, Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.Invalid);
        (await bucket.DeleteAsync(key, Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.Invalid);
        (await bucket.HistoryAsync(key, Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.Invalid);
    }

    [Fact]
    public void Names_of_buckets_and_filters_are_checked()
    {
        KeyRules.CheckBucket("device-state_2").ShouldBeNull();
        foreach (var bucket in new[] { "", "a.b", "a b", "a*", "a/b" })
        {
            KeyRules.CheckBucket(bucket).ShouldNotBeNull();
        }

        foreach (var filter in new[] { ">", "a.>", "*.b", "a.*.c", "a" })
        {
            KeyRules.CheckFilter(filter).ShouldBeNull();
        }

        foreach (var filter in new[] { "", "a>", ">.a", "a*", "a..>", "a.b*.c" })
        {
            KeyRules.CheckFilter(filter).ShouldNotBeNull();
        }

        KeyRules.CheckKey(new string('a', 255)).ShouldBeNull();
        KeyRules.CheckKey(new string('a', 256)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_pipeline_tells_of_every_write_exactly_once()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        var bucket = await connection.JetStream().EnsureBucketAsync(new BucketConfig { Name = "b" }, Token).Ok();
        var results = new NatsResult<PublishAck>?[5000];
        var pipeline = bucket.OpenPipeline(256, (tag, result) => results[tag] = results[tag] is null ? result : throw new InvalidOperationException("told twice"));

        for (var number = 0; number < results.Length; number++)
        {
            var write = new BucketWrite { ExpectedRevision = number % 10 == 9 ? 77777UL : null, MessageId = $"m{number}" };
            await pipeline.PutAsync($"k.{number}", "value"u8.ToArray(), write, number, Token).Ok();
            pipeline.InFlight.ShouldBeLessThanOrEqualTo(256);
        }

        await pipeline.DrainAsync(Token);

        pipeline.InFlight.ShouldBe(0);
        for (var number = 0; number < results.Length; number++)
        {
            results[number].ShouldNotBeNull().IsOk.ShouldBe(number % 10 != 9);
        }
    }
}
