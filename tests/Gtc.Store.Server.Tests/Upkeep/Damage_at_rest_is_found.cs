using System.Security.Cryptography;
using System.Text;
using Gtc.Store.Server.Tests.Postgres;

namespace Gtc.Store.Server.Tests.Upkeep;

/// <summary>A server reads everything that it keeps in the background, and names the row that is not as it was written.</summary>
public abstract class Damage_at_rest_is_found<TLab>
    where TLab : StoreLab, new()
{
    protected const string Env = "shop-eu";

    protected static readonly byte[] Artifact = Encoding.UTF8.GetBytes("the bytes of a bundle");

    protected static string Digest => Convert.ToHexStringLower(SHA256.HashData(Artifact));

    /// <summary>Flips a byte of an artifact.</summary>
    protected abstract Task DamageArtifactAsync(TLab lab);

    /// <summary>Flips a byte of an earlier generation, or of what it is read from.</summary>
    protected abstract Task DamageHistoryAsync(TLab lab);

    [Fact]
    public async Task A_flipped_byte_of_an_artifact()
    {
        await using var lab = new TLab();
        using var client = await StartAsync(lab);
        (await ScrubAsync(client, damaged: 0)).GetProperty("checked").GetInt64().ShouldBeGreaterThan(5);
        await DamageArtifactAsync(lab);
        var problem = (await ScrubAsync(client, damaged: 1)).GetProperty("problems")[0];
        problem.GetProperty("row").GetString().ShouldBe($"artifact sha256:{Digest}");
        (await client.GetAsync("/metrics")).Text.ShouldContain("gtc_store_scrub_damaged 1\n");
    }

    [Fact]
    public async Task A_flipped_byte_of_an_environment()
    {
        await using var lab = new TLab();
        using var client = await StartAsync(lab);
        await ScrubAsync(client, damaged: 0);
        await DamageHistoryAsync(lab);
        var problem = (await ScrubAsync(client, damaged: null)).GetProperty("problems")[0];
        problem.GetProperty("environment_id").GetString().ShouldBe(Env);
        problem.GetProperty("row").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task What_one_server_does_another_leaves_alone()
    {
        await using var lab = new TLab();
        await using var storage = await lab.OpenAsync();
        var token = TestContext.Current.CancellationToken;
        (await ScrubRecord.ReadAsync(storage.Upkeep, token)).Value.ShouldBeNull();
        var began = DateTimeOffset.UnixEpoch;
        (await ScrubRecord.Of(new ScrubReport(1, 2, 3, 4, 5, 6, [new StoreProblem(Env, "row", "why")]), began, began).WriteAsync(storage.Upkeep, token)).ShouldBeNull();
        var read = (await ScrubRecord.ReadAsync(storage.Upkeep, token)).Value!;
        (read.Checked, read.Damaged, read.Problems[0].Row).ShouldBe((20, 1, "row"));
    }

    private static async Task<StoreClient> StartAsync(TLab lab)
    {
        var client = await lab.StartAsync(options => options with { ScrubEvery = TimeSpan.FromMilliseconds(20), ScrubShare = 1 });
        await client.DeployAsync(Env);
        foreach (var name in (string[])["one", "two", "three"])
        {
            (await client.RenameAsync(Env, name)).Must(200);
        }

        using var content = new ByteArrayContent(Artifact);
        using var put = await client.Http.PutAsync($"/artifacts/sha256:{Digest}", content, TestContext.Current.CancellationToken);
        ((int)put.StatusCode).ShouldBe(201);
        return client;
    }

    /// <summary>Waits for a pass that read the artifact and found so much damaged, or anything.</summary>
    private static async Task<System.Text.Json.JsonElement> ScrubAsync(StoreClient client, int? damaged)
    {
        System.Text.Json.JsonElement last = default;
        await Eventually.HoldsAsync(async () =>
        {
            last = (await client.GetAsync("/scrub")).Must(200).Json;
            return last.TryGetProperty("damaged", out var found) && (damaged is { } exact ? found.GetInt32() == exact && last.GetProperty("checked").GetInt64() > 5 : found.GetInt32() > 0);
        });
        return last;
    }
}

public sealed class Damage_at_rest_is_found_on_files : Damage_at_rest_is_found<FileLab>
{
    protected override Task DamageArtifactAsync(FileLab lab) => FlipAsync(Path.Combine(lab.Data, ".server", "artifacts", "sha256", Digest), 3);

    protected override Task DamageHistoryAsync(FileLab lab) => FlipAsync(Directory.GetFiles(Path.Combine(lab.Data, Env, "journal"), "*.log").Order().First(), 40);

    private static async Task FlipAsync(string path, int at)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = at;
        var old = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(old ^ 1));
    }
}

public sealed class Damage_at_rest_is_found_on_postgres : Damage_at_rest_is_found<PostgresLab>
{
    [Fact]
    public async Task One_server_at_a_time_has_a_piece_of_work()
    {
        await using var lab = new PostgresLab();
        await using var one = await lab.OpenAsync();
        await using var other = await lab.OpenAsync();
        var token = TestContext.Current.CancellationToken;
        var held = (await one.Upkeep.TryTakeAsync("scrub", token)).Value.ShouldNotBeNull();
        (await other.Upkeep.TryTakeAsync("scrub", token)).Value.ShouldBeNull();
        var elsewhere = (await other.Upkeep.TryTakeAsync("artifacts", token)).Value.ShouldNotBeNull();
        await elsewhere.DisposeAsync();
        await held.DisposeAsync();
        var taken = (await other.Upkeep.TryTakeAsync("scrub", token)).Value.ShouldNotBeNull();
        await taken.DisposeAsync();
    }

    protected override Task DamageArtifactAsync(PostgresLab lab) => lab.ExecuteAsync("UPDATE gtc_store.artifact_blocks SET content = set_byte(content, 3, get_byte(content, 3) # 1)");

    protected override Task DamageHistoryAsync(PostgresLab lab) => lab.ExecuteAsync("UPDATE gtc_store.documents SET document = replace(document, 'two', 'tow')");
}
