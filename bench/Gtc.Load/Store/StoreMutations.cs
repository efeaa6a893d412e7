using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Gtc.Store.Server.Tests.Postgres;

namespace Gtc.Load.Store;

/// <summary>(a) Acknowledged durable changes per second by 32 clients, each of an environment of its own, beside the bare database, in turn.</summary>
internal static partial class StoreMutations
{
    private const int SmallValue = 512;

    public static async Task OnFilesAsync(string gtc, string folder, int runs, int seconds)
    {
        using var served = await ServedStore.StartAsync(gtc, folder, "--data", Path.Combine(folder, "mutations"));
        using var etcd = await EtcdServer.StartAsync(folder);
        await MakeAsync(served);
        await InTurnAsync(served, "files", $"etcd, puts of {SmallValue} bytes", runs, () => RateAsync(served, seconds), () => RateAsync(_ => etcd.PutAsync(SmallValue), seconds));
    }

    public static async Task OnPostgresAsync(string gtc, string folder, PostgresCluster cluster, int runs, int seconds)
    {
        var database = await cluster.CreateAsync();
        using var served = await ServedStore.StartAsync(gtc, folder, "--database", cluster.Url(database));
        await MakeAsync(served);
        await RateAsync(served, 1);
        var script = await PrepareAsync(cluster, database);
        await InTurnAsync(served, "postgres", "pgbench, the same rows", runs, () => RateAsync(served, seconds), () => PgbenchAsync(cluster, database, script, seconds));
    }

    private static async Task InTurnAsync(ServedStore served, string name, string peer, int runs, Func<Task<double>> ours, Func<Task<double>> theirs)
    {
        var (mine, other, cores) = (new List<double>(), new List<double>(), new List<double>());
        for (var run = -1; run < runs; run++)
        {
            var (began, spent) = (Stopwatch.GetTimestamp(), served.Spent());
            var rate = await ours();
            var used = (served.Spent() - spent) / Stopwatch.GetElapsedTime(began);
            var peers = await theirs();
            if (run >= 0)
            {
                mine.Add(rate);
                cores.Add(used);
                other.Add(peers);
            }
        }

        Console.WriteLine($"store: {$"{StoreScenario.Clients} clients on {name}",-34} median {MeasuredProcess.Median(mine):F0}/s  (min {mine.Min():F0}, max {mine.Max():F0}), {MeasuredProcess.Median(cores):F2} cores of the server");
        Console.WriteLine($"store: {peer,-34} median {MeasuredProcess.Median(other):F0}/s  (min {other.Min():F0}, max {other.Max():F0})");
        Console.WriteLine($"store: {name}: median of the ratios {MeasuredProcess.Median(mine.Zip(other, (one, two) => one / two)):F2}; {runs} rounds, in turn");
    }

    private static async Task MakeAsync(ServedStore served)
    {
        for (var client = 0; client < StoreScenario.Clients; client++)
        {
            await served.CreateAsync(Name(client));
        }
    }

    private static string Name(int client) => string.Create(CultureInfo.InvariantCulture, $"env{client}");

    private static Task<double> RateAsync(ServedStore served, int seconds) => RateAsync(client => served.RenameAsync(Name(client), Guid.NewGuid().ToString()), seconds);

    private static async Task<double> RateAsync(Func<int, Task> change, int seconds)
    {
        var began = Stopwatch.GetTimestamp();
        var done = 0L;
        await Task.WhenAll(Enumerable.Range(0, StoreScenario.Clients).Select(async client =>
        {
            while (Stopwatch.GetElapsedTime(began).TotalSeconds < seconds)
            {
                await change(client);
                Interlocked.Increment(ref done);
            }
        }));
        return done / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    /// <summary>The same tables and rows of the same length, changed by statements that hold no more than a change needs.</summary>
    private static async Task<string> PrepareAsync(PostgresCluster cluster, string database)
    {
        await cluster.ExecuteAsync(database, "CREATE SCHEMA bench");
        foreach (var table in (string[])["environments", "documents", "audit", "ledger"])
        {
            await cluster.ExecuteAsync(database, $"CREATE TABLE bench.{table} (LIKE gtc_store.{table} INCLUDING ALL)");
        }

        await cluster.ExecuteAsync(database, "ALTER TABLE bench.environments SET (fillfactor = 50); INSERT INTO bench.environments SELECT * FROM gtc_store.environments");
        var lengths = (await cluster.ExecuteAsync(database, "SELECT (SELECT avg(length(document))::int FROM gtc_store.documents), (SELECT avg(length(content))::int FROM gtc_store.audit), (SELECT avg(length(answer))::int FROM gtc_store.ledger)")).Trim().Split('|');
        var script = Path.Combine(cluster.Folder, "change.sql");
        await File.WriteAllTextAsync(script, $"""
            \set env :client_id
            BEGIN;
            SELECT generation, ended, lines, last_hash, keys FROM bench.environments WHERE env_id = 'env' || :env FOR UPDATE;
            UPDATE bench.environments SET generation = generation + 1, etag = repeat('e', 64), lines = lines + 1, last_hash = repeat('h', 64), keys = keys + 1, updated_at = now() WHERE env_id = 'env' || :env;
            INSERT INTO bench.documents SELECT env_id, generation, etag, last_hash, repeat(md5(generation::text), {int.Parse(lengths[0], CultureInfo.InvariantCulture) / 32}), lines FROM bench.environments WHERE env_id = 'env' || :env;
            INSERT INTO bench.audit SELECT env_id, lines, md5(lines::text), repeat(md5(lines::text), {int.Parse(lengths[1], CultureInfo.InvariantCulture) / 32}) FROM bench.environments WHERE env_id = 'env' || :env;
            INSERT INTO bench.ledger SELECT env_id, md5(lines::text), keys, etag, generation, repeat('a', {lengths[2]}), repeat(md5(lines::text), {int.Parse(lengths[1], CultureInfo.InvariantCulture) / 32}) FROM bench.environments WHERE env_id = 'env' || :env;
            COMMIT;

            """);
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        return script;
    }

    private static async Task<double> PgbenchAsync(PostgresCluster cluster, string database, string script, int seconds)
    {
        var clients = StoreScenario.Clients.ToString(CultureInfo.InvariantCulture);
        var told = await cluster.RunAsync("pgbench", "-n", "-h", cluster.Folder, "-U", "gtc", "-c", clients, "-j", "2", "-M", "prepared", "-T", seconds.ToString(CultureInfo.InvariantCulture), "-f", script, database);
        return double.Parse(Rate().Match(told).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"tps = ([\d.]+)")]
    private static partial Regex Rate();
}
