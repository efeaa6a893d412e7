using System.Security.Cryptography;
using Gtc.Store.Server.Tests.Postgres;
using Microsoft.Extensions.Logging.Abstractions;

[assembly: AssemblyFixture(typeof(SharedCluster))]

namespace Gtc.Store.Server.Tests.Postgres;

/// <summary>The engine on PostgreSQL: a database of its own in the cluster of the test process.</summary>
public sealed class PostgresLab : StoreLab
{
    private string? _database;

    public string Database => _database ?? throw new InvalidOperationException("Nothing was opened yet.");

    public override async Task<IEnvironmentStorage> OpenAsync()
    {
        var cluster = await SharedCluster.GetAsync();
        _database ??= await cluster.CreateAsync();
        var target = PostgresTarget.Parse(cluster.Url(_database)).Value;
        return (await PostgresStorage.OpenAsync(target, Time, RandomNumberGenerator.Fill, NullLogger.Instance, TestContext.Current.CancellationToken)).Value;
    }

    /// <summary>Does to the tables what nobody should.</summary>
    public async Task<string> ExecuteAsync(string statement) => (await (await SharedCluster.GetAsync()).ExecuteAsync(Database, statement)).Trim();

    protected override async Task EndAsync()
    {
        if (_database is { } database)
        {
            await (await SharedCluster.GetAsync()).ExecuteAsync("postgres", $"DROP DATABASE {database} WITH (FORCE)");
        }
    }
}

/// <summary>One cluster for the test process, started when the first test asks for it and stopped after the last.</summary>
public sealed class SharedCluster : IAsyncDisposable
{
    private static readonly Lazy<Task<PostgresCluster>> _cluster = new(() => PostgresCluster.StartAsync(isDurable: false, string.Empty, CancellationToken.None));

    public static Task<PostgresCluster> GetAsync() => _cluster.Value;

    public async ValueTask DisposeAsync()
    {
        if (_cluster.IsValueCreated)
        {
            await (await _cluster.Value).DisposeAsync();
        }
    }
}
