using System.Diagnostics;
using System.Globalization;
using Gtc.Load.Fleet;
using Gtc.Nats;

namespace Gtc.Load;

/// <summary>Acknowledged key-value puts per second of Gtc.Nats beside a bare-socket loop, in turn on one broker with its store on disk; what it allocates; and how fast a watch reads.</summary>
internal static class NatsScenario
{
    private const int Puts = 100_000;
    private const int Keys = 10_000;
    private const int ValueBytes = 184;
    private const int Window = 1024;
    private const double Aim = 0.8;
    private const string Bucket = "bench";

    public static async Task<int> RunAsync(LoadOptions options)
    {
        var folder = Directory.CreateTempSubdirectory("gtc-load-").FullName;
        try
        {
            await using var broker = new LoadBroker(folder);
            await broker.StartAsync();
            await using var connection = (await NatsConnection.ConnectAsync(new NatsOptions { Urls = [broker.Url] }, TimeProvider.System, CancellationToken.None)).Value;
            var bucket = (await connection.JetStream().EnsureBucketAsync(new BucketConfig { Name = Bucket }, CancellationToken.None)).Value;
            return await CompareAsync(new Uri(broker.Url).Port, bucket, options.Runs);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<int> CompareAsync(int port, Bucket bucket, int runs)
    {
        var value = new byte[ValueBytes];
        new Random(1).NextBytes(value);
        var (bare, ours, ratios, allocated, read) = (new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var run = -1; run < runs; run++)
        {
            var one = Measure(() => BareSocketPuts.Run(port, Bucket, Puts, Keys, value, Window));
            var before = GC.GetTotalAllocatedBytes(precise: true);
            var other = await MeasureAsync(() => PutAsync(bucket, value));
            var bytes = (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Puts;
            var watched = await ReadAsync(bucket);
            if (run >= 0)
            {
                bare.Add(Puts / one.Wall);
                ours.Add(Puts / other.Wall);
                ratios.Add(one.Wall / other.Wall);
                allocated.Add(bytes);
                read.Add(watched);
                Say($"nats: run {run + 1}: bare {Puts / one.Wall:N0}/s ({one.Processor / Puts * 1e6:F2} µs of processor), Gtc.Nats {Puts / other.Wall:N0}/s ({other.Processor / Puts * 1e6:F2} µs), {one.Wall / other.Wall:F2} ×");
            }
        }

        Say($"nats: {Puts:N0} puts of {ValueBytes} bytes to {Keys:N0} keys, at most {Window} in flight, file store, {runs} rounds in turn");
        Say($"nats: bare socket loop   median {MeasuredProcess.Median(bare):N0} acknowledged puts per second");
        Say($"nats: Gtc.Nats           median {MeasuredProcess.Median(ours):N0} acknowledged puts per second, {MeasuredProcess.Median(ratios):F2} × (min {ratios.Min():F2}, max {ratios.Max():F2}), aim {Aim}");
        Say($"nats: allocated          median {MeasuredProcess.Median(allocated):F1} bytes per put, by the whole process");
        Say($"nats: a watch reads      median {MeasuredProcess.Median(read):N0} entries per second ({Keys:N0} keys, creation included)");
        return MeasuredProcess.Median(ratios) >= Aim ? 0 : 1;
    }

    private static async Task PutAsync(Bucket bucket, byte[] value)
    {
        var failed = 0;
        var pipeline = bucket.OpenPipeline(Window, (_, result) => failed += result.IsOk ? 0 : 1);
        for (var number = 0; number < Puts; number++)
        {
            var sent = await pipeline.PutAsync(KeyNames[number % Keys], value, default, number, CancellationToken.None);
            failed += sent.IsOk ? 0 : 1;
        }

        await pipeline.DrainAsync(CancellationToken.None);
        if (failed > 0)
        {
            throw new InvalidOperationException($"{failed} puts failed");
        }
    }

    private static string[] KeyNames { get; } = [.. Enumerable.Range(0, Keys).Select(key => string.Create(CultureInfo.InvariantCulture, $"k.{key}"))];

    private static async Task<double> ReadAsync(Bucket bucket)
    {
        var began = Stopwatch.GetTimestamp();
        var count = 0;
        await foreach (var entry in bucket.ListAsync(">", new WatchOptions(), CancellationToken.None))
        {
            count += entry.IsOk ? 1 : 0;
        }

        return count == Keys ? count / Stopwatch.GetElapsedTime(began).TotalSeconds : throw new InvalidOperationException($"{count} keys were read");
    }

    private static (double Wall, double Processor) Measure(Action run)
    {
        var (began, processor) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        run();
        return (Stopwatch.GetElapsedTime(began).TotalSeconds, (Environment.CpuUsage.TotalTime - processor).TotalSeconds);
    }

    private static async Task<(double Wall, double Processor)> MeasureAsync(Func<Task> run)
    {
        var (began, processor) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        await run();
        return (Stopwatch.GetElapsedTime(began).TotalSeconds, (Environment.CpuUsage.TotalTime - processor).TotalSeconds);
    }

    private static void Say(FormattableString line) => Console.WriteLine(FormattableString.Invariant(line));
}
