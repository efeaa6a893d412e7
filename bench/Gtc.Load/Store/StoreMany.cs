using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server.Tests.Postgres;

namespace Gtc.Load.Store;

/// <summary>(d) Starting beside many environments of a hundred generations each.</summary>
internal static class StoreMany
{
    private const int Generations = 100;
    private const int Starts = 3;

    public static async Task OnPostgresAsync(string gtc, string folder, PostgresCluster cluster, int environments)
    {
        var database = await cluster.CreateAsync();
        string[] place = ["--database", cluster.Url(database)];
        using (var made = await ServedStore.StartAsync(gtc, folder, place))
        {
            await made.CreateAsync("env-00000");
        }

        // Every generation is the same but for its numbers and its digest, which is what the database is asked to make.
        await cluster.ExecuteAsync(database, $$"""
            WITH one AS (SELECT * FROM gtc_store.documents), made AS (
                SELECT 'env-' || lpad(e::text, 5, '0') AS env_id, g AS generation, etag, replace(replace(document, 'env-00000', 'env-' || lpad(e::text, 5, '0')), '"env_generation":1', '"env_generation":' || g) AS document, line
                FROM one, generate_series(0, {{environments - 1}}) e, generate_series(1, {{Generations}}) g WHERE NOT (e = 0 AND g = 1))
            INSERT INTO gtc_store.documents SELECT env_id, generation, etag, encode(sha256(convert_to(document, 'UTF8')), 'hex'), document, line FROM made;
            INSERT INTO gtc_store.environments SELECT 'env-' || lpad(e::text, 5, '0'), {{Generations}}, etag, false, lines, last_hash, keys, now() FROM gtc_store.environments, generate_series(1, {{environments - 1}}) e;
            UPDATE gtc_store.environments SET generation = {{Generations}} WHERE env_id = 'env-00000';
            ANALYZE
            """);
        await TellAsync(gtc, folder, "postgres", environments, place);
    }

    public static async Task OnFilesAsync(string gtc, string folder, int environments)
    {
        var data = Path.Combine(folder, "many");
        await using (var store = new FileEnvironmentStore(new StoreLayout(data), TimeProvider.System, RandomNumberGenerator.Fill) { ViewsFollow = TimeSpan.FromMilliseconds(1) })
        {
            await Parallel.ForAsync(0, environments, async (number, stop) =>
            {
                var id = EnvId.TryParse(string.Create(CultureInfo.InvariantCulture, $"env-{number:d5}"), out var parsed) ? parsed : default;
                await Task.WhenAll(Enumerable.Range(0, Generations).Select(generation => store.MutateAsync<bool>(
                    new MutationIntent(id, "env", "update", new JsonObject()),
                    context => new Mutation<bool>(true)
                    {
                        Document = (context.Current ?? EnvironmentVerbs.Create(id, "many", new HostConfig { EnvId = id })) with { Name = generation.ToString(CultureInfo.InvariantCulture) },
                    },
                    stop)));
            });
        }

        await TellAsync(gtc, folder, "files", environments, ["--data", data]);
    }

    private static async Task TellAsync(string gtc, string folder, string name, int environments, string[] place)
    {
        var (starts, before, after, list) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var start = 0; start < Starts; start++)
        {
            using var served = await ServedStore.StartAsync(gtc, folder, place);
            starts.Add(served.StartTime.TotalMilliseconds);
            before.Add(served.Mebibytes());
            var began = Stopwatch.GetTimestamp();
            await served.Http.GetByteArrayAsync("environments");
            list.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            await served.Http.GetByteArrayAsync($"environments/env-00000?generation={Generations / 2}");
            await Parallel.ForAsync(0, Math.Min(environments, 1000), async (number, stop) =>
                await served.Http.GetByteArrayAsync(string.Create(CultureInfo.InvariantCulture, $"environments/env-{number:d5}"), stop));
            after.Add(served.Mebibytes());
        }

        Console.WriteLine(
            $"store: {$"{environments:N0} x {Generations} on {name}",-34} ready after {MeasuredProcess.Median(starts):F0} ms with {MeasuredProcess.Median(before):F0} MiB; first page of the list {MeasuredProcess.Median(list):F0} ms; after reading 1,000 of them {MeasuredProcess.Median(after):F0} MiB; {Starts} starts");
    }
}
