using Gtc.Store.Server.Tests.Postgres;

namespace Gtc.Store.Server.Tests.Upkeep;

public sealed class Histories_are_bounded
{
    private const string Env = "shop-eu";

    [Fact]
    public async Task Old_generations_go_and_the_newest_stay()
    {
        await using var lab = new PostgresLab();
        using var client = await lab.StartAsync(options => options with { HistoryMaxGenerations = 4 });
        await MakeAsync(client, 12);
        await Eventually.HoldsAsync(async () => await CountAsync(client) == 4);
        (await client.GetAsync($"/environments/{Env}?generation=10")).Must(200)["environment"].GetProperty("name").GetString().ShouldBe("name 10");
        (await client.GetAsync($"/environments/{Env}?generation=9")).MustBe(404, "dependent-not-found");
        (await client.GetAsync($"/environments/{Env}")).Must(200).Generation.ShouldBe(13);
    }

    [Fact]
    public async Task A_long_history_goes_in_batches_when_the_server_starts()
    {
        await using var lab = new PostgresLab();
        using (var client = await lab.StartAsync())
        {
            await MakeAsync(client, 3);
        }

        await lab.StopAsync();
        await lab.ExecuteAsync("UPDATE gtc_store.documents SET generation = generation + 2000; UPDATE gtc_store.environments SET generation = generation + 2000");
        await lab.ExecuteAsync("INSERT INTO gtc_store.documents (env_id, generation, etag, digest, document, line) SELECT 'shop-eu', n, '', '', '', 0 FROM generate_series(1, 1700) n");
        using var again = await lab.StartAsync(options => options with { HistoryMaxGenerations = 2 });
        await Eventually.HoldsAsync(async () => await lab.ExecuteAsync("SELECT string_agg(generation::text, ' ' ORDER BY generation) FROM gtc_store.documents") == "2003 2004");
    }

    [Fact]
    public async Task Pruned_audit_lines_do_not_shorten_history()
    {
        await using var lab = new PostgresLab();
        using var client = await lab.StartAsync(options => options with { AuditMaxRows = 3 });
        await MakeAsync(client, 12);
        (await client.AuditAsync(Env)).Count.ShouldBe(3);
        var told = (await client.GetAsync($"/environments/{Env}/history")).Must(200)["generations"].EnumerateArray().ToList();
        told.Count.ShouldBe(13);
        told[^1].GetProperty("verb").GetString().ShouldBe("create");
        told[^2].GetProperty("verb").GetString().ShouldBe("update");
    }

    private static async Task MakeAsync(StoreClient client, int changes)
    {
        (await client.CreateAsync(Env)).Must(200);
        for (var number = 2; number <= changes + 1; number++)
        {
            (await client.RenameAsync(Env, $"name {number}")).Must(200);
        }
    }

    private static async Task<int> CountAsync(StoreClient client) => (await client.GetAsync($"/environments/{Env}/history")).Must(200)["generations"].GetArrayLength();
}
