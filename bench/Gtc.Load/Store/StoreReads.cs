using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Gtc.Load.Store;

/// <summary>(b) Reading an environment of fifty deployments, and (c) how long a change takes to reach a thousand who watch it.</summary>
internal static class StoreReads
{
    private const int Deployments = 50;
    private const int Reads = 3000;
    private const int WarmUps = 300;
    private const int Watchers = 1000;
    private const int Changes = 30;

    public static async Task ReadAsync(ServedStore served, string name)
    {
        await served.CreateAsync("read");
        await served.ChangeAsync(HttpMethod.Post, "environments/read/trust-root/bootstrap", null);
        for (var number = 0; number < Deployments; number++)
        {
            await served.ChangeAsync(
                HttpMethod.Post,
                "environments/read/bundles",
                $$"""{"bundle_id":"bundle{{number.ToString(CultureInfo.InvariantCulture)}}","customer_id":"acme","revenue_share":[{"party_id":"greentic","basis_points":10000}]}""");
        }

        var (took, bytes) = (new List<double>(), 0);
        for (var read = -WarmUps; read < Reads; read++)
        {
            var began = Stopwatch.GetTimestamp();
            bytes = (await served.Http.GetByteArrayAsync("environments/read")).Length;
            if (read >= 0)
            {
                took.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
        }

        Console.WriteLine($"store: {$"reads of {bytes:N0} bytes on {name}",-34} {Told(took)}; {Reads} reads, one connection");
    }

    public static async Task WatchAsync(ServedStore served, string name)
    {
        await served.CreateAsync("watch");
        using var stop = new CancellationTokenSource();
        var heard = new ConcurrentDictionary<long, ConcurrentBag<long>>();
        var first = new CountdownEvent(Watchers);
        var watching = Enumerable.Range(0, Watchers).Select(_ => WatchAsync(served, heard, first, stop.Token)).ToList();
        await Task.Run(first.Wait);
        var took = new List<double>();
        for (var change = 0; change < Changes; change++)
        {
            var began = Stopwatch.GetTimestamp();
            await served.RenameAsync("watch", change.ToString(CultureInfo.InvariantCulture));
            var generation = change + 2L;
            while (!heard.TryGetValue(generation, out var all) || all.Count < Watchers)
            {
                await Task.Delay(5);
            }

            took.AddRange(heard[generation].Select(at => Stopwatch.GetElapsedTime(began, at).TotalMilliseconds));
        }

        await stop.CancelAsync();
        await Task.WhenAll(watching);
        Console.WriteLine($"store: {$"{Watchers} watchers on {name}",-34} {Told(took)}; from the request of the change to the event, {Changes} changes, {served.Mebibytes():F0} MiB");
    }

    private static async Task WatchAsync(ServedStore served, ConcurrentDictionary<long, ConcurrentBag<long>> heard, CountdownEvent first, CancellationToken stop)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "environments/watch/watch");
            request.Headers.Add("Accept", "text/event-stream");
            using var answer = await served.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
            answer.EnsureSuccessStatusCode();
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(stop));
            while (await reader.ReadLineAsync(stop) is { } line)
            {
                if (line.StartsWith("id: ", StringComparison.Ordinal))
                {
                    var generation = long.Parse(line.AsSpan(4), CultureInfo.InvariantCulture);
                    heard.GetOrAdd(generation, _ => []).Add(Stopwatch.GetTimestamp());
                    _ = generation == 1 && first.Signal();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // All changes were heard.
        }
    }

    private static string Told(List<double> milliseconds)
    {
        var sorted = milliseconds.Order().ToArray();
        return string.Create(CultureInfo.InvariantCulture, $"p50 {sorted[sorted.Length / 2]:F2} ms, p99 {sorted[sorted.Length * 99 / 100]:F2} ms, worst {sorted[^1]:F2} ms");
    }
}
