using Gtc.Cli.Tests;
using Gtc.Store;
using Gtc.Store.Server;
using Gtc.Store.Server.Tests.Postgres;
using Microsoft.Extensions.Logging.Abstractions;

[assembly: AssemblyFixture(typeof(SharedPostgres))]

namespace Gtc.Cli.Tests;

/// <summary>A real PostgreSQL for the suites that run on one: started by the first of them, ended with the test process; every server has a database of its own.</summary>
public sealed class SharedPostgres : IAsyncDisposable
{
    private static readonly Lazy<Task<PostgresCluster>> _cluster = new(() => PostgresCluster.StartAsync(isDurable: false, string.Empty, CancellationToken.None));

    internal static async Task<IEnvironmentStorage> OpenAsync(TimeProvider time, RandomSource random)
    {
        var cluster = await _cluster.Value;
        var target = PostgresTarget.Parse(cluster.Url(await cluster.CreateAsync())).Value;
        return (await PostgresStorage.OpenAsync(target, time, random, NullLogger.Instance, TestContext.Current.CancellationToken)).Value;
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster.IsValueCreated)
        {
            await (await _cluster.Value).DisposeAsync();
        }
    }
}
