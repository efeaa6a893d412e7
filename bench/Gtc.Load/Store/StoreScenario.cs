using System.Globalization;
using Gtc.Store.Server.Tests.Postgres;

namespace Gtc.Load.Store;

/// <summary>The store server as its users have it: <c>bench/run store [--run postgres|files|read|watch|many] [--runs N] [--seconds N] [--environments N]</c>.</summary>
internal static class StoreScenario
{
    /// <summary>How many clients change at once.</summary>
    public const int Clients = 32;

    public static async Task<int> RunAsync(string[] words)
    {
        var options = LoadOptions.Parse(words);
        var values = words.Chunk(2).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        var seconds = int.Parse(values.GetValueOrDefault("--seconds", "5"), CultureInfo.InvariantCulture);
        var environments = int.Parse(values.GetValueOrDefault("--environments", "10000"), CultureInfo.InvariantCulture);
        var runs = values.ContainsKey("--runs") ? options.Runs : 5;
        var one = values.GetValueOrDefault("--run", "all");
        var folder = Directory.CreateTempSubdirectory("gtc-load-store-").FullName;
        try
        {
            if (one is "files" or "all")
            {
                await StoreMutations.OnFilesAsync(options.Gtc, folder, runs, seconds);
            }

            await using var cluster = one is "files" ? null : await PostgresCluster.StartAsync(isDurable: true, "-c shared_buffers=512MB -c max_wal_size=4GB", CancellationToken.None);
            if (cluster is not null)
            {
                await OnPostgresAsync(one, options.Gtc, folder, cluster, runs, seconds, environments);
            }

            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task OnPostgresAsync(string one, string gtc, string folder, PostgresCluster cluster, int runs, int seconds, int environments)
    {
        if (one is "postgres" or "all")
        {
            await StoreMutations.OnPostgresAsync(gtc, folder, cluster, runs, seconds);
        }

        foreach (var (name, place) in new[] { ("files", (string[])["--data", Path.Combine(folder, "read")]), ("postgres", ["--database", cluster.Url(await cluster.CreateAsync())]) })
        {
            if (one is "read" or "watch" or "all")
            {
                using var served = await ServedStore.StartAsync(gtc, folder, place);
                await (one is "watch" ? Task.CompletedTask : StoreReads.ReadAsync(served, name));
                await (one is "read" ? Task.CompletedTask : StoreReads.WatchAsync(served, name));
            }
        }

        if (one is "many" or "all")
        {
            await StoreMany.OnPostgresAsync(gtc, folder, cluster, environments);
            await StoreMany.OnFilesAsync(gtc, folder, environments);
        }
    }
}
