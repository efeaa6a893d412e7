namespace Gtc.Store.Server.Tests.Postgres;

/// <summary>Rows that somebody changed beside the server are found when they are read, and named.</summary>
public sealed class What_is_stored_is_checked
{
    private const string Env = "shop-eu";

    [Theory]
    [Trait("fact", "store-server:12.17")]
    [InlineData("document = replace(document, 'Shop', 'Shap')")]
    [InlineData("document = replace(document, '{\"schema\"', '{\"added\":1,\"schema\"')")]
    [InlineData("document = document || ' '")]
    public async Task A_changed_document_is_422_and_is_not_built_upon(string change)
    {
        await using var lab = new PostgresLab();
        using var client = await lab.StartAsync();
        (await client.CreateAsync(Env)).Must(200);
        (await client.RenameAsync(Env, "Shop")).Must(200);
        (await lab.ExecuteAsync($"UPDATE gtc_store.documents SET {change} WHERE generation = 2 RETURNING 'changed'")).ShouldBe("changed");
        var found = (await client.GetAsync($"/environments/{Env}")).MustBe(422, "integrity-mismatch");
        found["row"].GetString().ShouldBe($"documents ({Env}, 2)");
        found["expected"].GetString().ShouldNotBe(found["actual"].GetString());
        (await client.RenameAsync(Env, "x")).MustBe(422, "integrity-mismatch");
        (await client.GetAsync($"/environments/{Env}?generation=1")).MustBe(422, "integrity-mismatch");
    }

    [Fact]
    [Trait("fact", "store-server:12.17")]
    public async Task A_document_of_another_environment_is_500_although_its_digest_is_right()
    {
        await using var lab = new PostgresLab();
        using var client = await lab.StartAsync();
        (await client.CreateAsync("corrupt")).Must(200);
        await lab.ExecuteAsync(
            """
            UPDATE gtc_store.documents SET document = replace(document, 'corrupt', 'other'), digest = encode(sha256(convert_to(replace(document, 'corrupt', 'other'), 'UTF8')), 'hex')
            """);
        (await client.GetAsync("/environments/corrupt")).MustBe(500, "internal").Text.ShouldNotContain("other");
        await lab.ExecuteAsync("DELETE FROM gtc_store.documents");
        (await client.GetAsync("/environments/corrupt")).MustBe(500, "internal");
    }

    [Fact]
    public async Task What_lies_beside_is_checked_too()
    {
        await using var lab = new PostgresLab();
        using var client = await lab.StartAsync();
        await client.DeployAsync(Env);
        await lab.ExecuteAsync("UPDATE gtc_store.sides SET content = content || '\\x20' WHERE name = 'trust-root.json'");
        (await client.GetAsync($"/environments/{Env}/trust-root")).MustBe(422, "integrity-mismatch")["row"].GetString().ShouldBe($"sides ({Env}, trust-root.json)");
        (await client.AddBundleAsync(Env, "another")).MustBe(422, "integrity-mismatch");
    }

    [Fact]
    public async Task What_the_database_cannot_read_any_more_ends_by_force()
    {
        await using var lab = new PostgresLab();
        using (var client = await lab.StartAsync())
        {
            await client.DeployAsync(Env);
        }

        await lab.StopAsync();
        await lab.DamageAsync("sides", "content", "name LIKE 'billing-policies/%'");
        using var again = await lab.StartAsync();
        var seen = (await again.GetAsync($"/environments/{Env}")).Etag;
        (await again.ChangeAsync("DELETE", $"/environments/{Env}", """{"force":false}""", ifMatch: seen)).MustBe(500, "internal");
        (await again.ChangeAsync("DELETE", $"/environments/{Env}", """{"force":true}""", ifMatch: seen)).Must(200);
        (await again.GetAsync($"/environments/{Env}")).MustBe(404, "not-found");
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_left_alone()
    {
        await using var lab = new PostgresLab();
        await (await lab.OpenAsync()).DisposeAsync();
        await lab.ExecuteAsync("INSERT INTO gtc_store.migrations (version) VALUES (9999)");
        (await Should.ThrowAsync<InvalidOperationException>(lab.OpenAsync)).Message.ShouldContain("version 9999");
    }
}
