namespace Gtc.Nats.Tests;

public sealed class Publishing_allocates_nothing
{
    private const int InFlight = 1000;

    private static CancellationToken Token => Clients.Token;

    [Fact]
    public async Task On_the_thread_that_publishes()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        var payload = new byte[200];
        var headers = new NatsHeaders { { "A", "b" } };

        // How much waits at once is up to the two processes: the pools may take some rounds to hold enough.
        var least = long.MaxValue;
        for (var round = 0; round < 10 && least > 0; round++)
        {
            await server.SignalAsync("STOP");
            var allocated = Measure(() => connection.PublishAsync("a.b", payload, headers, "reply.to", Token), InFlight);
            await server.SignalAsync("CONT");
            await connection.FlushAsync(Token).Ok();
            least = Math.Min(least, allocated);
        }

        least.ShouldBe(0);
    }

    [Fact]
    public async Task For_a_key_in_flight_with_conditions_either()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        var bucket = await connection.JetStream().EnsureBucketAsync(new BucketConfig { Name = "b", Storage = StreamStorage.Memory }, Token).Ok();
        var keys = Enumerable.Range(0, 100).Select(key => $"k.{key}").ToArray();
        var payload = new byte[200];
        var failed = 0;
        var pipeline = bucket.OpenPipeline(InFlight, (_, result) => failed += result.IsOk ? 0 : 1);
        var write = new BucketWrite { Headers = new NatsHeaders { { "A", "b" } }, MessageId = null };
        var tag = 0L;

        // How much waits at once is up to the two processes: the pools may take some rounds to hold enough.
        var least = long.MaxValue;
        for (var round = 0; round < 10 && least > 0; round++)
        {
            await server.SignalAsync("STOP");
            var allocated = Measure(() => pipeline.PutAsync(keys[tag % keys.Length], payload, write, tag++, Token), InFlight);
            await server.SignalAsync("CONT");
            await pipeline.DrainAsync(Token);
            least = Math.Min(least, allocated);
        }

        least.ShouldBe(0);

        failed.ShouldBe(0);
    }

    /// <summary>Bytes that one call allocates, on the thread that makes it.</summary>
    private static long Measure(Func<ValueTask<NatsResult>> publish, int count)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var number = 0; number < count; number++)
        {
            var published = publish();
            if (!published.IsCompletedSuccessfully)
            {
                throw new InvalidOperationException("a publish had to wait");
            }
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / count;
    }
}
