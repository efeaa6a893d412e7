using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Gtc.Model;
using Gtc.Store.Server.Tests.Postgres;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Store.Server.Tests.Linearizability;

/// <summary>
/// Several clients on several replicas on one database, while servers and the database are killed with <c>-9</c>, stopped and continued, and cut off from each other. Whatever is done to them,
/// they answer as one register would. <c>GTC_LINEARIZABILITY_RUNS=50</c> makes more runs than a test run has time for.
/// </summary>
public sealed class Replicas_are_one_register
{
    private const int Clients = 5;
    private const int ReplicaCount = 3;
    private const int OperationsPerClient = 20;
    private const int FaultsPerRun = 6;

    private static readonly TimeSpan Hold = TimeSpan.FromMilliseconds(200);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_fails_no_answer_contradicts_another_and_no_acknowledged_write_is_missing()
    {
        var runs = int.Parse(Environment.GetEnvironmentVariable("GTC_LINEARIZABILITY_RUNS") ?? "3", CultureInfo.InvariantCulture);
        await using var cluster = await PostgresCluster.StartAsync(isDurable: true, string.Empty, Token);
        var database = await cluster.CreateAsync();
        await using var proxy = new CutProxy(cluster.Socket);
        var key = Path.Combine(Directory.CreateTempSubdirectory("gtc-replicas-").FullName, "key.pem");
        Replica[] replicas = [.. Enumerable.Range(0, ReplicaCount).Select(_ => new Replica(string.Create(CultureInfo.InvariantCulture, $"postgres://gtc@127.0.0.1:{proxy.Port}/{database}"), key))];
        try
        {
            await Task.WhenAll(replicas.Select(replica => replica.StartAsync(Token)));
            for (var run = 0; run < runs; run++)
            {
                await RunAsync(new Faults(cluster, proxy, replicas, Hold), cluster.Url(database), replicas, run);
            }
        }
        finally
        {
            foreach (var replica in replicas)
            {
                replica.Dispose();
            }

            Directory.Delete(Path.GetDirectoryName(key)!, recursive: true);
        }
    }

    private static async Task RunAsync(Faults faults, string database, Replica[] replicas, int run)
    {
        var environment = string.Create(CultureInfo.InvariantCulture, $"env{run}");
        using (var client = new StoreClient(replicas[0].Address))
        {
            (await client.CreateAsync(environment)).Must(200);
        }

        var clients = Enumerable.Range(0, Clients).Select(number => new RegisterClient(number, environment, replicas, Stopwatch.GetTimestamp, new Random((run * 100) + number), Token)).ToList();
        var working = Task.WhenAll(clients.Select(client => client.RunAsync(OperationsPerClient, () => faults.Made >= FaultsPerRun)));
        await faults.MakeAsync(working, new Random(run), Token);
        await working;
        while (!await clients[0].ReadAsync())
        {
            Token.ThrowIfCancellationRequested();
        }

        clients.SelectMany(client => client.Wrong).ShouldBeEmpty();
        var done = await CheckLogAsync(database, EnvId.TryParse(environment, out var id) ? id : default, clients);
        var history = clients.SelectMany(client => client.History).ToList();
        var unanswered = history.Count(operation => operation.Ended == Operation.Never);
        history = [.. history.Where(operation => operation is { Writes: null } or { Saw: not null } || done.ContainsKey(operation.Writes)).Select(operation => Resolve(operation, done))];
        HistoryCheck.IsLinearizable(new Register(1, environment), history).ShouldBeTrue($"run {run}: {string.Join('\n', history.OrderBy(operation => operation.Began))}");
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"run {run}: {history.Count} operations, {unanswered} never answered, {faults.Made} faults"));
    }

    /// <summary>Whether and as which generation a write that was never answered was done, the log says: to try every order of many would take for ever. That the log agrees with all answers is checked with them.</summary>
    private static Operation Resolve(Operation operation, Dictionary<string, ulong> done) =>
        operation is { Writes: { } key, Saw: null } ? operation with { Saw = new Register((long)done[key], key) } : operation;

    /// <summary>Every acknowledged write stands once, one that was never answered at most once, and the chain of the log is whole.</summary>
    /// <returns>What was done, with its generation.</returns>
    private static async Task<Dictionary<string, ulong>> CheckLogAsync(string database, EnvId environment, List<RegisterClient> clients)
    {
        await using var storage = (await PostgresStorage.OpenAsync(PostgresTarget.Parse(database).Value, TimeProvider.System, RandomNumberGenerator.Fill, NullLogger.Instance, Token)).Value;
        var image = (await storage.CaptureAsync(environment, Token)).Value;
        var lines = image.Audit.Select(line => Documents.AuditEvent.Parse(line.Span).Value).Where(line => line is { Verb: "update", Result.Outcome: "ok" }).ToList();
        var done = lines.ToDictionary(line => line.IdempotencyKey!, line => line.NewGeneration!.Value);
        image.Generation.ShouldBe((ulong)done.Count + 1);
        var asked = clients.SelectMany(client => client.Keys).ToDictionary();
        done.Keys.ShouldBeSubsetOf(asked.Keys);
        asked.Where(pair => pair.Value).Select(pair => pair.Key).ShouldBeSubsetOf(done.Keys);

        var path = Path.GetTempFileName();
        await File.WriteAllBytesAsync(path, image.Audit.SelectMany(line => (byte[])[.. line.Span, (byte)'\n']).ToArray(), Token);
        (await AuditFile.VerifyAsync([path], Token)).Value.IsSound.ShouldBeTrue();
        File.Delete(path);
        return done;
    }
}
