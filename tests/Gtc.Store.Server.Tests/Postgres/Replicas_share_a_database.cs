using System.Globalization;

namespace Gtc.Store.Server.Tests.Postgres;

/// <summary>Several servers at once on one database.</summary>
public sealed class Replicas_share_a_database
{
    private const string Env = "shop-eu";

    [Fact]
    public async Task What_one_commits_the_other_answers_tells_and_does_not_do_again()
    {
        await using var lab = new PostgresLab();
        using var one = await lab.StartAsync();
        await using var second = (await StoreServer.StartAsync(
            new StoreServerOptions
            {
                Listen = new(System.Net.IPAddress.Loopback, 0),
                Storage = await lab.OpenAsync(),
                OperatorKey = new OperatorKeyFile(lab.OperatorKeyPath, System.Security.Cryptography.RandomNumberGenerator.Fill),
            },
            TestContext.Current.CancellationToken)).Value;
        using var other = new StoreClient(second.Address);

        (await one.CreateAsync(Env)).Must(200);
        (await other.GetAsync($"/environments/{Env}")).Must(200).Generation.ShouldBe(1);
        var waiting = other.GetAsync($"/environments/{Env}/watch?from=1&timeout=120");
        var renamed = (await one.RenameAsync(Env, "x", "k")).Must(200);
        (await waiting).Must(200).Etag.ShouldBe(renamed.Etag);
        (await other.RenameAsync(Env, "x", "k")).Must(200).Idempotency.ShouldBe("replayed");
        (await other.RenameAsync(Env, "y", ifMatch: renamed.Etag)).Must(200).Generation.ShouldBe(3);
        (await one.RenameAsync(Env, "z", ifMatch: renamed.Etag)).MustBe(412, "precondition-failed")["actual_generation"].GetInt64().ShouldBe(3);
    }

    [Fact]
    public async Task Many_start_at_once_on_an_empty_database()
    {
        await using var lab = new PostgresLab();
        await (await lab.OpenAsync()).DisposeAsync();
        await lab.ExecuteAsync("DROP SCHEMA gtc_store CASCADE");
        var all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => lab.OpenAsync()));
        (await lab.ExecuteAsync("SELECT count(*) = max(version) FROM gtc_store.migrations")).ShouldBe("t");
        foreach (var storage in all)
        {
            (await storage.ProbeAsync(TestContext.Current.CancellationToken)).ShouldBeNull();
            await storage.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_database_that_is_gone_is_503_and_heals()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var cluster = await PostgresCluster.StartAsync(isDurable: false, string.Empty, stop);
        var database = PostgresTarget.Parse(cluster.Url(await cluster.CreateAsync())).Value;
        var storage = (await PostgresStorage.OpenAsync(
            database, TimeProvider.System, System.Security.Cryptography.RandomNumberGenerator.Fill, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, stop)).Value;
        await using var server = (await StoreServer.StartAsync(
            new StoreServerOptions
            {
                Listen = new(System.Net.IPAddress.Loopback, 0),
                Storage = storage,
                OperatorKey = new OperatorKeyFile(Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"{Guid.NewGuid()}.pem")), System.Security.Cryptography.RandomNumberGenerator.Fill),
            },
            stop)).Value;
        using var client = new StoreClient(server.Address);
        (await client.CreateAsync(Env)).Must(200);
        (await client.GetAsync("/readyz")).Must(200);
        cluster.Kill();
        (await client.GetAsync("/readyz")).Must(503);
        (await client.GetAsync($"/environments/{Env}")).MustBe(503, "unavailable");
        var changing = client.RenameAsync(Env, "x");
        await cluster.StartAgainAsync();
        var changed = await changing;
        changed.Status.ShouldBeOneOf(200, 503);
        (await client.GetAsync($"/environments/{Env}")).Must(200).Generation.ShouldBe(changed.Status == 200 ? 2 : 1);
        (await client.GetAsync("/readyz")).Must(200);
    }
}
