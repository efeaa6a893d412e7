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
        await lab.ExecuteAsync("DELETE FROM gtc_store.ledger");
        (await client.RenameAsync(Env, "name 14")).Must(200);
        await Eventually.HoldsAsync(async () => await CountAsync(client) == 4);
        (await client.GetAsync($"/environments/{Env}?generation=11")).Must(200)["environment"].GetProperty("name").GetString().ShouldBe("name 11");
        (await client.GetAsync($"/environments/{Env}?generation=10")).MustBe(404, "dependent-not-found");
        (await client.GetAsync($"/environments/{Env}")).Must(200).Generation.ShouldBe(14);
    }

    [Fact]
    public async Task What_may_still_be_repeated_stays_with_its_answer()
    {
        await using var lab = new PostgresLab();
        using var client = await lab.StartAsync();
        (await client.CreateAsync(Env)).Must(200);
        var first = (await client.RenameAsync(Env, "first", "its-key")).Must(200);
        await MoreAsync(client, 3, 10);
        await lab.ExecuteAsync("DELETE FROM gtc_store.ledger WHERE key <> 'its-key'");
        await lab.StopAsync();
        await using var storage = await lab.OpenAsync();
        (await storage.BoundHistoryAsync(Gtc.Model.EnvId.TryParse(Env, out var id) ? id : default, 2, TestContext.Current.CancellationToken)).Value.ShouldBe(7);
        using var again = await lab.StartAsync();
        var replayed = (await again.RenameAsync(Env, "first", "its-key")).Must(200);
        replayed.Idempotency.ShouldBe("replayed");
        replayed.Result.GetRawText().ShouldBe(first.Result.GetRawText());
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
        await lab.ExecuteAsync("UPDATE gtc_store.documents SET generation = generation + 2000; UPDATE gtc_store.environments SET generation = generation + 2000; DELETE FROM gtc_store.ledger");
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
        await MoreAsync(client, 2, changes + 1);
    }

    private static async Task MoreAsync(StoreClient client, int first, int last)
    {
        for (var number = first; number <= last; number++)
        {
            (await client.RenameAsync(Env, $"name {number}")).Must(200);
        }
    }

    private static async Task<int> CountAsync(StoreClient client) => (await client.GetAsync($"/environments/{Env}/history")).Must(200)["generations"].GetArrayLength();
}
