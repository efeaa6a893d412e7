using System.Security.Cryptography;
using System.Text;
using Gtc.Model;
using Gtc.Store.Server.Tests.Postgres;

namespace Gtc.Store.Server.Tests.Contract;

/// <summary>What no revision names may go, after a time; what one names never does. What is kept is bounded.</summary>
public abstract class Unused_artifacts_go<TLab>
    where TLab : StoreLab, new()
{
    protected const string Env = "shop-eu";

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_what_nobody_names_and_nobody_asked_for_in_a_while()
    {
        var time = new ManualTime();
        await using var lab = new TLab { Time = time };
        using var client = await lab.StartAsync(options => options with { Time = time });
        var (named, ended, asked, unused) = (await PutAsync(client, "named"), await PutAsync(client, "ended"), await PutAsync(client, "asked"), await PutAsync(client, "unused"));
        await StageAsync(client, Env, "01J8A1A1A1A1A1A1A1A1A1A1A1", named);
        await StageAsync(client, "gone", "01J8B2B2B2B2B2B2B2B2B2B2B2", ended);
        var seen = (await client.GetAsync("/environments/gone")).Etag;
        (await client.ChangeAsync("DELETE", "/environments/gone", """{"force":true}""", ifMatch: seen)).Must(200);
        time.Advance(TimeSpan.FromDays(2));
        using (var head = new HttpRequestMessage(HttpMethod.Head, $"/artifacts/{asked}"))
        {
            using var found = await client.Http.SendAsync(head, Token);
            ((int)found.StatusCode).ShouldBe(200);
        }

        var fresh = await PutAsync(client, "fresh");
        await lab.StopAsync();
        await using var storage = await lab.OpenAsync();
        var before = time.GetUtcNow() - TimeSpan.FromDays(1);
        var found1 = (await UnusedArtifacts.FindAsync(storage, before, Token)).Value;
        found1.Select(artifact => artifact.Digest.ToString()).ShouldBe([unused]);
        (await UnusedArtifacts.RemoveAsync(storage, found1, before, Token)).Value.Length.ShouldBe(1);
        (await storage.Artifacts.ListAsync(null, 10, Token)).Value.Select(artifact => artifact.Digest.ToString()).Order().ShouldBe(new[] { named, ended, asked, fresh }.Order());
        (await storage.Artifacts.UsageAsync(Token)).Value.ShouldBe(new ArtifactUsage(4, "named".Length + "ended".Length + "asked".Length + "fresh".Length, 0));
    }

    [Fact]
    public async Task One_that_is_touched_meanwhile_stays()
    {
        var time = new ManualTime();
        await using var lab = new TLab { Time = time };
        using var client = await lab.StartAsync(options => options with { Time = time });
        await PutAsync(client, "unused");
        await lab.StopAsync();
        await using var storage = await lab.OpenAsync();
        time.Advance(TimeSpan.FromDays(2));
        var before = time.GetUtcNow() - TimeSpan.FromDays(1);
        var found = (await UnusedArtifacts.FindAsync(storage, before, Token)).Value;
        (await storage.Artifacts.TouchAsync(found.Single().Digest, Token)).Value.ShouldBeTrue();
        (await UnusedArtifacts.RemoveAsync(storage, found, before, Token)).Value.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_an_environment_names_that_ends_meanwhile_stays()
    {
        var time = new ManualTime();
        await using var lab = new TLab { Time = time };
        IEnvironmentStorage storage = null!;
        using var client = await lab.StartAsync(options =>
        {
            storage = options.Storage;
            return options with { Time = time };
        });
        await StageAsync(client, Env, "01J8A1A1A1A1A1A1A1A1A1A1A1", await PutAsync(client, "named"));
        time.Advance(TimeSpan.FromDays(2));
        var seen = (await client.GetAsync($"/environments/{Env}")).Etag;
        var ending = new EndsWhenRead(storage, async () => (await client.ChangeAsync("DELETE", $"/environments/{Env}", """{"force":true}""", ifMatch: seen)).Must(200));
        (await UnusedArtifacts.FindAsync(ending, time.GetUtcNow() - TimeSpan.FromDays(1), Token)).Value.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_final_backup_names_is_known_without_unpacking_it()
    {
        var time = new ManualTime();
        await using var lab = new TLab { Time = time };
        using var client = await lab.StartAsync(options => options with { Time = time });
        await StageAsync(client, Env, "01J8A1A1A1A1A1A1A1A1A1A1A1", await PutAsync(client, "named"));
        await PutAsync(client, "unused");
        var seen = (await client.GetAsync($"/environments/{Env}")).Etag;
        (await client.ChangeAsync("DELETE", $"/environments/{Env}", """{"force":true}""", ifMatch: seen)).Must(200);
        await lab.StopAsync();
        await SpoilFinalBackupsAsync(lab);
        time.Advance(TimeSpan.FromDays(2));
        await using var storage = await lab.OpenAsync();
        (await UnusedArtifacts.FindAsync(storage, time.GetUtcNow() - TimeSpan.FromDays(1), Token)).Value.Single().SizeBytes.ShouldBe("unused".Length);
    }

    [Fact]
    public async Task What_is_kept_is_bounded_and_the_refusal_says_how_much_is_used()
    {
        var time = new ManualTime();
        await using var lab = new TLab { Time = time };
        using var client = await lab.StartAsync(options => options with { MaxArtifactsTotalBytes = 10, Time = time });
        await PutAsync(client, "123456");
        using var content = new ByteArrayContent("12345"u8.ToArray());
        using var answer = await client.Http.PutAsync($"/artifacts/{DigestOf("12345")}", content, Token);
        ((int)answer.StatusCode).ShouldBe(413);
        var text = await answer.Content.ReadAsStringAsync(Token);
        text.ShouldContain("\"used_bytes\":6,\"limit_bytes\":10");
        text.ShouldContain("6 of 10 bytes");
        await PutAsync(client, "1234");
        time.Advance(KnownUsage.Lasts);
        await Eventually.HoldsAsync(async () => (await client.GetAsync("/metrics")).Text is var metrics
            && metrics.Contains("gtc_store_artifacts 2\n", StringComparison.Ordinal) && metrics.Contains("gtc_store_artifact_kept_bytes{state=\"whole\"} 10\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_went_since_it_was_found_is_not_said_to_be_there()
    {
        await using var lab = new TLab();
        using var client = await lab.StartAsync(options => options with { Storage = new RelayedStorage(options.Storage, new SweptArtifacts(options.Storage.Artifacts)) });
        var digest = await PutAsync(client, "swept");
        using (var head = new HttpRequestMessage(HttpMethod.Head, $"/artifacts/{digest}"))
        {
            using var found = await client.Http.SendAsync(head, Token);
            ((int)found.StatusCode).ShouldBe(404);
        }

        await PutAsync(client, "swept");

        // It goes again as it is found, and is received once more.
        await PutAsync(client, "swept");
    }

    /// <summary>Artifacts that are removed the moment they are found.</summary>
    private sealed class SweptArtifacts(IArtifactStorage inner) : RelayedArtifacts(inner)
    {
        public override async Task<Outcome<long?>> FindAsync(Sha256Digest artifact, CancellationToken cancellationToken)
        {
            var found = await base.FindAsync(artifact, cancellationToken);
            await RemoveAsync(artifact, DateTimeOffset.MaxValue, cancellationToken);
            return found;
        }
    }

    /// <summary>Makes the images of all final backups unreadable.</summary>
    protected abstract Task SpoilFinalBackupsAsync(TLab lab);

    protected static string DigestOf(string text) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";

    protected static async Task<string> PutAsync(StoreClient client, string text)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        using var answer = await client.Http.PutAsync($"/artifacts/{DigestOf(text)}", content, Token);
        ((int)answer.StatusCode).ShouldBe(201);
        return DigestOf(text);
    }

    protected static async Task StageAsync(StoreClient client, string environment, string revision, string digest)
    {
        var deployment = await client.DeployAsync(environment);
        (await client.ChangeAsync(
            "POST",
            $"/environments/{environment}/revisions",
            $$"""
            {"revision_id":"{{revision}}","deployment_id":"{{deployment}}","bundle_digest":"{{digest}}","pack_list":[],"pack_list_lock_ref":"revisions/{{revision}}/pack-list.lock","pack_config_refs":[],
             "config_digest":"sha256:{{new string('b', 64)}}","signature_sidecar_ref":"rev.sig","drain_seconds":30}
            """)).Must(200);
    }

    /// <summary>A store of which something ends just before it is read.</summary>
    private sealed class EndsWhenRead(IEnvironmentStorage inner, Func<Task> end) : RelayedStorage(inner)
    {
        public override async Task<Outcome<StoredEnvironment>> ReadAsync(EnvId environment, ulong? generation, CancellationToken cancellationToken)
        {
            await end();
            return await base.ReadAsync(environment, generation, cancellationToken);
        }
    }
}

public sealed class Unused_artifacts_go_on_files : Unused_artifacts_go<FileLab>
{
    [Fact]
    public async Task What_an_environment_names_that_cannot_be_read_stays()
    {
        var time = new ManualTime();
        await using var lab = new FileLab { Time = time };
        using var client = await lab.StartAsync(options => options with { Time = time });
        await StageAsync(client, Env, "01J8A1A1A1A1A1A1A1A1A1A1A1", await PutAsync(client, "named"));
        await lab.StopAsync();
        time.Advance(TimeSpan.FromDays(2));

        // Torn, and the journal that could tell is damaged; `gtc op env repair` makes something of it again.
        var folder = Path.Combine(lab.Data, Env);
        await File.WriteAllTextAsync(Path.Combine(folder, "environment.json"), "{\"schema\":", Token);
        foreach (var segment in Directory.GetFiles(Path.Combine(folder, "journal")))
        {
            var bytes = await File.ReadAllBytesAsync(segment, Token);
            bytes[40] ^= 1;
            await File.WriteAllBytesAsync(segment, bytes, Token);
        }

        await using var storage = await lab.OpenAsync();
        (await storage.ListAsync(Token)).Value.ShouldBeEmpty();
        (await UnusedArtifacts.FindAsync(storage, time.GetUtcNow(), Token)).Refusal.ShouldBeOfType<Refusal.StoreFailed>().Message.ShouldContain($"environment `{Env}`");
    }

    protected override async Task SpoilFinalBackupsAsync(FileLab lab)
    {
        foreach (var content in Directory.GetFiles(Path.Combine(lab.Data, ".server", "ended"), "*.br"))
        {
            await File.WriteAllTextAsync(content, "spoiled", Token);
        }
    }
}

public sealed class Unused_artifacts_go_on_postgres : Unused_artifacts_go<PostgresLab>
{
    protected override Task SpoilFinalBackupsAsync(PostgresLab lab) => lab.ExecuteAsync("UPDATE gtc_store.ended SET content = 'spoiled'");
}
