using System.Collections.Concurrent;
using System.Globalization;

namespace Gtc.Nats.Tests;

public sealed class No_acknowledged_put_is_lost
{
    /// <summary>How often the server is restarted.</summary>
    private static readonly int Restarts = int.Parse(Environment.GetEnvironmentVariable("GTC_NATS_RESTARTS") ?? "100", CultureInfo.InvariantCulture);

    private static CancellationToken Token => Clients.Token;

    /// <summary>
    /// Killed and stopped in turns. What a server has acknowledged is in the operating system's memory: a killed process loses nothing of it,
    /// a machine without power may (fleet-scale.md §5).
    /// </summary>
    [Fact]
    public async Task When_the_server_is_restarted_under_load()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        var bucket = await connection.JetStream().EnsureBucketAsync(new BucketConfig { Name = "b" }, Token).Ok();
        var acknowledged = new ConcurrentDictionary<long, ulong>();
        var failed = 0;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var writing = WriteAsync(connection, bucket, acknowledged, () => Interlocked.Increment(ref failed), stop.Token);

        for (var restart = 0; restart < Restarts; restart++)
        {
            await (restart % 2 == 0 ? server.KillAsync() : server.StopAsync());
            var connects = connection.Status.Connects;
            var before = acknowledged.Count;
            await server.StartAsync();
            while (connection.Status.Connects == connects || acknowledged.Count < before + 200)
            {
                await Task.Delay(5, Token);
            }
        }

        await stop.CancelAsync();
        await writing;
        var found = new Dictionary<long, ulong>();
        await foreach (var entry in bucket.ListAsync(">", new(), Token))
        {
            found[long.Parse(entry.Ok().Key[2..], CultureInfo.InvariantCulture)] = entry.Ok().Revision;
        }

        foreach (var (number, revision) in acknowledged)
        {
            found.ShouldContainKey(number);

            // A repetition of one whose first answer was lost is known by its id: it has the revision of the first.
            found[number].ShouldBe(revision);
        }

        connection.Status.Connects.ShouldBeGreaterThan(Restarts);
        TestContext.Current.TestOutputHelper?.WriteLine($"{Restarts} restarts, {acknowledged.Count} acknowledged, {failed} refused or without an answer, and repeated");
    }

    /// <summary>Writes key after key; one whose outcome is not known is written again with the same id.</summary>
    private static async Task WriteAsync(NatsConnection connection, Bucket bucket, ConcurrentDictionary<long, ulong> acknowledged, Action failed, CancellationToken stop)
    {
        var again = new ConcurrentQueue<long>();
        var pipeline = bucket.OpenPipeline(64, (number, result) =>
        {
            if (result.TryGet(out var ack, out _))
            {
                acknowledged[number] = ack.Sequence;
            }
            else
            {
                failed();
                again.Enqueue(number);
            }
        });
        try
        {
            for (var next = 0L; !stop.IsCancellationRequested;)
            {
                var number = again.TryDequeue(out var repeated) ? repeated : next++;
                if ((await pipeline.PutAsync($"k.{number}", BitConverter.GetBytes(number), new BucketWrite { MessageId = $"m{number}" }, number, stop)).Error is { })
                {
                    again.Enqueue(number);
                    await connection.WaitUntilConnectedAsync(stop);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Enough was written.
        }

        await pipeline.DrainAsync(Token);
    }
}
