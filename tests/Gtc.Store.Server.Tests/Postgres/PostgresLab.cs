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

    /// <summary>Makes values of a column such that the database cannot read them, as on a page whose checksum is another one. Who has the database open may have its statements prepared and sees nothing of it.</summary>
    public async Task DamageAsync(string table, string column, string where)
    {
        var type = await ExecuteAsync($"SELECT data_type FROM information_schema.columns WHERE table_schema = 'gtc_store' AND table_name = '{table}' AND column_name = '{column}'");
        var columns = await ExecuteAsync(
            $"""
            SELECT string_agg(CASE WHEN column_name = '{column}' THEN 'CASE WHEN {where.Replace("'", "''", StringComparison.Ordinal)} THEN gtc_store.unreadable({column}) ELSE {column} END AS {column}' ELSE column_name::text END, ', ' ORDER BY ordinal_position)
            FROM information_schema.columns WHERE table_schema = 'gtc_store' AND table_name = '{table}'
            """);
        await ExecuteAsync($"CREATE OR REPLACE FUNCTION gtc_store.unreadable({type}) RETURNS {type} LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RAISE EXCEPTION 'invalid page in block 0' USING ERRCODE = 'XX001'; END $$");
        await ExecuteAsync($"ALTER TABLE gtc_store.{table} RENAME TO {table}_rows");
        await ExecuteAsync($"CREATE VIEW gtc_store.{table} AS SELECT {columns} FROM gtc_store.{table}_rows");
    }

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
