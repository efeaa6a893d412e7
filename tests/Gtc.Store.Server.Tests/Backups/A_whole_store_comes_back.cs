using System.Collections.Concurrent;
using System.Security.Cryptography;
using Gtc.Model;
using Gtc.Signing;
using Gtc.Store.Server.Tests.Postgres;

namespace Gtc.Store.Server.Tests.Backups;

/// <summary>Backups of a whole store, on each engine.</summary>
public abstract class A_whole_store_comes_back<TLab>
    where TLab : StoreLab, new()
{
    private readonly PrivateKey _key = Ed25519PrivateKey.FromSeed(Enumerable.Repeat((byte)7, 32).ToArray());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_backup_under_writers_restores_committed_generations_of_every_environment()
    {
        await using var lab = new TLab();
        using var client = await lab.StartAsync();
        string[] environments = ["a", "b", "c", "d"];
        var committed = new ConcurrentDictionary<(string, long), string>();
        foreach (var environment in environments)
        {
            var made = (await client.CreateAsync(environment)).Must(200);
            committed[(environment, made.Generation)] = made.Etag;
        }

        var backups = new List<byte[]>();
        await using (var beside = await OpenBesideAsync(lab))
        {
            using var stop = new CancellationTokenSource();
            var writers = environments.Select(environment => WriteAsync(client, environment, committed, stop.Token)).ToList();
            for (var made = 0; made < 5; made++)
            {
                backups.Add(await BackUpAsync(beside));
            }

            await stop.CancelAsync();
            await Task.WhenAll(writers);
        }

        foreach (var bytes in backups)
        {
            var archive = await OpenAsync(bytes);
            archive.Manifest.Environments.Select(environment => environment.EnvironmentId).ShouldBe(environments);
            foreach (var environment in archive.Manifest.Environments)
            {
                committed[(environment.EnvironmentId, (long)environment.Generation)].ShouldBe(environment.Etag);
            }

            await using var scratch = new TLab();
            await using var storage = await scratch.OpenAsync();
            foreach (var environment in (await StoreDrill.RunAsync(archive, storage, Token)).Value)
            {
                environment.Differences.ShouldBeEmpty(environment.EnvironmentId);
            }
        }
    }

    [Fact]
    public async Task Everything_of_an_environment_is_in_it()
    {
        await using var lab = new TLab();
        using var client = await lab.StartAsync();
        var deployment = await client.DeployAsync("shop");
        await client.StageAsync("shop", deployment, "01J8A1A1A1A1A1A1A1A1A1A1A1");
        var named = (await client.RenameAsync("shop", "kept", key: "kept-key")).Must(200);
        (await client.ChangeAsync("POST", "/environments/shop/backups")).Must(200);
        var audit = (await client.AuditAsync("shop")).Select(line => line.GetRawText()).ToList();
        var keys = (await client.GetAsync("/environments/shop/trust-root")).Must(200)["keys"].GetRawText();
        await lab.StopAsync();
        await using var storage = await lab.OpenAsync();
        var archive = await OpenAsync(await BackUpAsync(storage));

        await using var elsewhere = new TLab();
        await using (var empty = await elsewhere.OpenAsync())
        {
            (await StoreBackup.RestoreAsync(archive, empty, null, replaces: false, Token)).Value.Count.ShouldBe(1);
        }

        using var restored = await elsewhere.StartAsync();
        (await restored.AuditAsync("shop")).Select(line => line.GetRawText()).SkipLast(1).ShouldBe(audit);
        (await restored.GetAsync("/environments/shop/trust-root")).Must(200)["keys"].GetRawText().ShouldBe(keys);
        (await restored.GetAsync("/environments/shop/backups")).Must(200)["backups"].GetArrayLength().ShouldBe(1);
        var retried = (await restored.RenameAsync("shop", "kept", key: "kept-key")).Must(200);
        (retried.Idempotency, retried.Generation).ShouldBe(("replayed", named.Generation));
        await elsewhere.StopAsync();
        await using var scrubbed = await elsewhere.OpenAsync();
        var report = (await new StoreScrub(scrubbed, null).RunAsync(Token)).Value;
        report.Problems.ShouldBeEmpty();
        report.Policies.ShouldBe(1);
    }

    [Fact]
    public async Task Environments_that_exist_are_left_alone_unless_that_is_said()
    {
        await using var lab = new TLab();
        await using var storage = await lab.OpenAsync();
        await SaveAsync(storage, "prod", "before");
        await SaveAsync(storage, "staging", "before");
        var archive = await OpenAsync(await BackUpAsync(storage));
        await SaveAsync(storage, "prod", "after");
        (await StoreBackup.RestoreAsync(archive, storage, null, replaces: false, Token)).Refusal.ShouldBeOfType<Refusal.Conflict>().Details.Select(detail => detail.Value).ShouldBe(["prod", "staging"]);
        (await NameAsync(storage, "prod")).ShouldBe("after");
        (await StoreBackup.RestoreAsync(archive, storage, Env("absent"), replaces: true, Token)).Refusal.ShouldBeOfType<Refusal.Missing>();
        var restored = (await StoreBackup.RestoreAsync(archive, storage, Env("prod"), replaces: true, Token)).Value.Single();
        restored.ShouldBe(new RestoredEnvironment("prod", 1, 3));
        (await NameAsync(storage, "prod")).ShouldBe("before");
    }

    [Fact]
    public async Task A_drill_tells_what_did_not_come_back()
    {
        await using var lab = new TLab();
        await using var storage = await lab.OpenAsync();
        await SaveAsync(storage, "prod", "name");
        var archive = await OpenAsync(await BackUpAsync(storage));
        await using var scratch = new TLab();
        await using var lossy = new LossyStorage(await scratch.OpenAsync());
        var drilled = (await StoreDrill.RunAsync(archive, lossy, Token)).Value.Single();
        drilled.Differences.ShouldContain(difference => difference.StartsWith("the audit log has digest", StringComparison.Ordinal));
        drilled.Differences.ShouldContain(difference => difference.StartsWith("the audit log has 1 lines", StringComparison.Ordinal));
    }

    protected abstract Task<IEnvironmentStorage> OpenBesideAsync(StoreLab lab);

    private static async Task WriteAsync(StoreClient client, string environment, ConcurrentDictionary<(string, long), string> committed, CancellationToken stop)
    {
        for (var change = 0; !stop.IsCancellationRequested; change++)
        {
            var done = (await client.RenameAsync(environment, $"{environment}-{change}")).Must(200);
            committed[(environment, done.Generation)] = done.Etag;
        }
    }

    private static EnvId Env(string text) => EnvId.TryParse(text, out var id) ? id : throw new ArgumentException(text);

    private static async Task SaveAsync(IEnvironmentStorage storage, string environment, string name)
    {
        var document = EnvironmentVerbs.CreateNamed(Env(environment), name, new HostConfig { EnvId = Env(environment) }).Value;
        var request = new ChangeRequest
        {
            Environment = Env(environment),
            Noun = "env",
            Verb = "save",
            Target = [],
            Actor = new AuditActor("test"),
            Authorization = new AuditAuthorization("allow", "test", "test"),
        };
        (await storage.CommitAsync(request, _ => new Change(ChangeAnswer.OfDocument) { Document = document }, Token)).IsOk.ShouldBeTrue();
    }

    private static async Task<string> NameAsync(IEnvironmentStorage storage, string environment) => (await storage.ReadAsync(Env(environment), null, Token)).Value.Document.Name;

    private async Task<byte[]> BackUpAsync(IEnvironmentStorage storage)
    {
        using var output = new MemoryStream();
        (await StoreBackup.WriteAsync(storage, output, "01KAMZ00000000000000000000", DateTimeOffset.UnixEpoch, _key, Token)).IsOk.ShouldBeTrue();
        return output.ToArray();
    }

    private async Task<StoreArchive> OpenAsync(byte[] bytes) =>
        (await StoreArchive.OpenAsync(_ => Task.FromResult<Outcome<Stream>>(new MemoryStream(bytes)), [TrustedKey.Of(_key.PublicKey)], Token)).Value;
}

public sealed class A_whole_store_comes_back_on_files : A_whole_store_comes_back<FileLab>
{
    protected override Task<IEnvironmentStorage> OpenBesideAsync(StoreLab lab) =>
        Task.FromResult<IEnvironmentStorage>(FileEnvironmentStorage.OpenBeside(((FileLab)lab).Data, TimeProvider.System, RandomNumberGenerator.Fill, static _ => { }));
}

public sealed class A_whole_store_comes_back_on_postgres : A_whole_store_comes_back<PostgresLab>
{
    protected override Task<IEnvironmentStorage> OpenBesideAsync(StoreLab lab) => lab.OpenAsync();
}
