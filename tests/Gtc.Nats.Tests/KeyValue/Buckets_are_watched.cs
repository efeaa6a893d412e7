using System.Text;

namespace Gtc.Nats.Tests;

public sealed class Buckets_are_watched
{
    private static CancellationToken Token => Clients.Token;

    [Fact]
    public async Task A_watch_gives_the_last_entry_of_each_key_then_changes()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        var bucket = await connection.JetStream().EnsureBucketAsync(new BucketConfig { Name = "b", History = 5 }, Token).Ok();
        await bucket.PutAsync("a.1", "old"u8.ToArray(), Token).Ok();
        await bucket.PutAsync("a.1", "new"u8.ToArray(), Token).Ok();
        await bucket.PutAsync("a.2", "two"u8.ToArray(), Token).Ok();
        await bucket.DeleteAsync("a.2", Token).Ok();
        await bucket.PutAsync("c.1", "other"u8.ToArray(), Token).Ok();

        await using var watch = await bucket.WatchAsync("a.>", Token).Ok();
        watch.InitialPending.ShouldBe(2UL);
        var initial = await watch.ReadInitialAsync(Token).ToListAsync(Token);
        await bucket.PutAsync("a.3", "three"u8.ToArray(), new BucketWrite { Headers = new NatsHeaders { { "H", "v" } } }, Token).Ok();
        var change = (await watch.ReadAsync(Token)).ShouldNotBeNull();

        initial.Select(entry => (entry.Key, entry.Operation, entry.Revision, entry.Pending))
            .ShouldBe([("a.1", BucketOperation.Put, 2UL, 1UL), ("a.2", BucketOperation.Delete, 4UL, 0UL)]);
        (change.Key, change.Revision, Encoding.UTF8.GetString(change.Value.Span), change.Headers!["H"]).ShouldBe(("a.3", 6UL, "three", "v"));
        change.Created.ShouldBeGreaterThan(DateTimeOffset.UtcNow.AddMinutes(-1));
    }

    [Fact]
    public async Task A_watch_of_one_key_gives_its_value_even_where_the_server_forgets_it()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        var bucket = await connection.JetStream().EnsureBucketAsync(new BucketConfig { Name = "b" }, Token).Ok();
        await bucket.PutAsync("k", "1"u8.ToArray(), Token).Ok();

        await using var watch = await bucket.WatchAsync("k", Token).Ok();
        var first = await watch.ReadInitialAsync(Token).ToListAsync(Token);
        await bucket.PutAsync("k", "2"u8.ToArray(), Token).Ok();

        first.ShouldHaveSingleItem().Revision.ShouldBe(1UL);
        (await watch.ReadAsync(Token)).ShouldNotBeNull().Revision.ShouldBe(2UL);
    }

    [Fact]
    public async Task A_watch_can_begin_with_changes_only_or_with_a_sequence()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        var bucket = await connection.JetStream().EnsureBucketAsync(new BucketConfig { Name = "b" }, Token).Ok();
        for (var number = 1; number <= 5; number++)
        {
            await bucket.PutAsync($"k.{number}", default, Token).Ok();
        }

        await bucket.DeleteAsync("k.4", Token).Ok();
        await using var changes = await bucket.WatchAsync(">", new WatchOptions { From = DeliverFrom.New }, Token).Ok();
        await using var later = await bucket.WatchAsync(">", new WatchOptions { From = DeliverFrom.Sequence(4) }, Token).Ok();

        changes.IsInitialOver.ShouldBeTrue();
        (await later.ReadInitialAsync(Token).ToListAsync(Token)).Select(entry => (entry.Revision, entry.Operation))
            .ShouldBe([(5UL, BucketOperation.Put), (6UL, BucketOperation.Delete)]);
        await bucket.PutAsync("k.9", default, Token).Ok();
        (await changes.ReadAsync(Token)).ShouldNotBeNull().Revision.ShouldBe(7UL);
        (await later.ReadAsync(Token)).ShouldNotBeNull().Revision.ShouldBe(7UL);
    }

    [Fact]
    public async Task Keys_are_listed_without_values_and_without_deleted_ones()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        var bucket = await connection.JetStream().EnsureBucketAsync(new BucketConfig { Name = "b" }, Token).Ok();
        (await bucket.KeysAsync(">", Token).ToListAsync(Token)).ShouldBeEmpty();
        for (var number = 0; number < 1000; number++)
        {
            await bucket.PutAsync($"k.{number}", new byte[1000], Token).Ok();
        }

        await bucket.DeleteAsync("k.500", Token).Ok();

        var keys = await bucket.KeysAsync("k.*", Token).ToListAsync(Token);

        keys.Select(key => key.Ok()).ShouldBe(Enumerable.Range(0, 1000).Where(number => number != 500).Select(number => $"k.{number}"));
    }

    [Fact]
    public async Task A_list_of_a_bucket_that_is_not_there_is_an_error()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();

        var keys = await connection.JetStream().Bucket("none").Ok().KeysAsync(">", Token).ToListAsync(Token);

        keys.ShouldHaveSingleItem().Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.NotFound);
    }

    [Fact]
    public async Task A_slow_reader_slows_the_server_down_and_misses_nothing()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        var bucket = await connection.JetStream().EnsureBucketAsync(new BucketConfig { Name = "b" }, Token).Ok();
        var pipeline = bucket.OpenPipeline(512, (_, result) => result.Ok());
        for (var number = 0; number < 4000; number++)
        {
            await pipeline.PutAsync($"k.{number}", new byte[4096], default, number, Token).Ok();
        }

        await pipeline.DrainAsync(Token);
        await using var watch = await bucket.WatchAsync(">", new WatchOptions { Heartbeat = TimeSpan.FromMilliseconds(100) }, Token).Ok();
        for (var trip = 0; trip < 300; trip++)
        {
            await connection.FlushAsync(Token).Ok();
        }

        var revision = 0UL;
        await foreach (var entry in watch.ReadInitialAsync(Token))
        {
            entry.Revision.ShouldBe(++revision);
        }

        revision.ShouldBe(4000UL);
        watch.Restarts.ShouldBe(0);
    }

    [Fact]
    public async Task A_watch_ends_when_its_stream_was_made_anew()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        var streams = connection.JetStream();
        var bucket = await streams.EnsureBucketAsync(new BucketConfig { Name = "b" }, Token).Ok();
        for (var number = 0; number < 5; number++)
        {
            await bucket.PutAsync("k", default, Token).Ok();
        }

        await using var watch = await bucket.WatchAsync(">", new WatchOptions { Heartbeat = TimeSpan.FromMilliseconds(100) }, Token).Ok();
        (await watch.ReadAsync(Token)).ShouldNotBeNull();
        await streams.DeleteBucketAsync("b", Token).Ok();
        await streams.EnsureBucketAsync(new BucketConfig { Name = "b" }, Token).Ok();

        (await watch.ReadAsync(Token)).ShouldBeNull();
        watch.Error.ShouldNotBeNull().Kind.ShouldBeOneOf(NatsErrorKind.StreamReplaced, NatsErrorKind.NotFound);
    }
}
