using System.Diagnostics;
using Gtc.Fleet.Contracts;
using Gtc.Nats;

namespace Gtc.Load.Fleet;

/// <summary>How many puts of one key each the same broker acknowledges per second when nobody reads them: what a fleet's transitions are compared with.</summary>
internal static class RawPuts
{
    private const int Window = 1024;
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(10);

    public static async Task<double> MeasureAsync(string url, int connections, int keys)
    {
        var open = new List<NatsConnection>();
        for (var number = 0; number < connections; number++)
        {
            open.Add((await NatsConnection.ConnectAsync(new NatsOptions { Urls = [url], Name = SimulatedDevices.ConnectionName }, TimeProvider.System, CancellationToken.None)).Value);
        }

        var streams = open[0].JetStream();
        var config = new BucketConfig { Name = "raw", History = 1, AllowsRollUp = false, MaxBytes = 2L << 30, DuplicateWindow = TimeSpan.FromMinutes(2) };
        _ = (await streams.EnsureBucketAsync(config, CancellationToken.None)).Value;
        var (acknowledged, failed) = (0L, 0L);
        var pipelines = open.Select(connection => connection.JetStream().Bucket("raw").Value.OpenPipeline(Window, (_, result) => Interlocked.Increment(ref result.IsOk ? ref acknowledged : ref failed))).ToList();
        var payloads = new DevicePayloads();
        var (turn, counted, began) = (0, 0L, Stopwatch.StartNew());
        // The first round makes the keys; the second half of the time is measured, when they are all there.
        while (began.Elapsed < Length)
        {
            for (var step = 0; step < 1024; step++, turn++)
            {
                var device = turn % keys;
                var value = payloads.State(new(device, device % 1000, DeploymentPhase.Running, 1, turn), 0);
                await pipelines[device % pipelines.Count].PutAsync($"state.{FleetNames.Device(device)}.{FleetNames.Deployment(device % 1000)}", value, default, turn, CancellationToken.None);
            }

            if (counted == 0 && turn >= keys)
            {
                counted = Math.Max(1, Interlocked.Read(ref acknowledged));
                began.Restart();
            }
        }

        var perSecond = (Interlocked.Read(ref acknowledged) - counted) / began.Elapsed.TotalSeconds;
        await Task.WhenAll(pipelines.Select(pipeline => pipeline.DrainAsync(CancellationToken.None)));
        foreach (var connection in open)
        {
            await connection.DisposeAsync();
        }

        await using var last = (await NatsConnection.ConnectAsync(new NatsOptions { Urls = [url] }, TimeProvider.System, CancellationToken.None)).Value;
        await last.JetStream().DeleteBucketAsync("raw", CancellationToken.None);
        return failed == 0 ? perSecond : throw new InvalidOperationException($"{failed} puts of the comparison failed");
    }
}
