using System.Security.Cryptography;
using System.Text;
using Gtc.Model;
using Gtc.Store.Server.Tests.Postgres;

namespace Gtc.Store.Server.Tests.Upkeep;

/// <summary>A scrub reads slowly what others change meanwhile. It misses nothing that is damaged, and takes nothing for damaged that went.</summary>
public abstract class A_scrub_tells_damage_from_change<TLab> : IAsyncLifetime
    where TLab : StoreLab, new()
{
    protected const string Env = "shop-eu";

    private IEnvironmentStorage _storage = null!;

    protected TLab Lab { get; } = new();

    protected StoreClient Client { get; private set; } = null!;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private static EnvId Id => EnvId.TryParse(Env, out var id) ? id : default;

    public async ValueTask InitializeAsync()
    {
        Client = await Lab.StartAsync(options =>
        {
            _storage = options.Storage;
            return options;
        });
        await Client.DeployAsync(Env);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Lab.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Changes a word in the audit line with a number.</summary>
    protected abstract Task DamageAuditAsync(int line);

    /// <summary>Makes the images of all final backups unreadable.</summary>
    protected abstract Task SpoilFinalBackupsAsync();

    [Fact]
    public async Task A_long_log_is_read_page_by_page_and_never_whole()
    {
        await RefuseAsync(620);
        var rests = 0;
        var scrub = new StoreScrub(new NeverWhole(_storage), null)
        {
            Rest = _ =>
            {
                rests++;
                return Task.CompletedTask;
            },
        };
        var sound = (await scrub.RunAsync(Token)).Value;
        sound.Problems.ShouldBeEmpty();
        sound.AuditLines.ShouldBe(623);
        rests.ShouldBeGreaterThan(3);

        await DamageAuditAsync(600);
        (await new StoreScrub(new NeverWhole(_storage), null).RunAsync(Token)).Value.Problems.ShouldBe([new StoreProblem(Env, "audit line 600", "it was changed: its hash is of something else")]);
    }

    [Fact]
    public async Task Lines_that_are_pruned_while_they_are_read_are_not_missed()
    {
        await RefuseAsync(620);
        using var key = new OperatorKeyFile(Lab.OperatorKeyPath, RandomNumberGenerator.Fill).LoadOrGenerate().Value;
        var pruned = new Meddled(_storage) { AfterPage = async () => (await _storage.BoundAuditAsync(Id, 20, key.Key, Token)).IsOk.ShouldBeTrue() };
        (await new StoreScrub(pruned, Signing.TrustedKey.Of(key.Key.PublicKey)).RunAsync(Token)).Value.Problems.ShouldBeEmpty();
        (await Client.AuditAsync(Env, "?limit=100")).Count.ShouldBe(20);
    }

    [Fact]
    public async Task A_backup_that_is_deleted_meanwhile_is_not_damaged()
    {
        var id = (await Client.ChangeAsync("POST", $"/environments/{Env}/backups")).Must(200).Result.GetProperty("backup_id").GetString()!;
        var reads = 0;
        var meddled = new Meddled(_storage)
        {
            BeforeSide = async name =>
            {
                // First it is read as one of those that lie beside the document, then as the backup that was listed.
                if (name.ToString().Contains(id, StringComparison.Ordinal) && ++reads == 2)
                {
                    await Client.ChangeAsync("DELETE", $"/environments/{Env}/backups/{id}");
                }
            },
        };
        (await new StoreScrub(meddled, null).RunAsync(Token)).Value.Problems.ShouldBeEmpty();
        (await Client.GetAsync($"/environments/{Env}/backups")).Must(200)["backups"].GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Final_backups_are_read_too()
    {
        var seen = (await Client.GetAsync($"/environments/{Env}")).Etag;
        var id = (await Client.ChangeAsync("DELETE", $"/environments/{Env}", """{"force":true}""", ifMatch: seen)).Must(200).Result.GetProperty("backup_id").GetString();
        (await new StoreScrub(_storage, null).RunAsync(Token)).Value.Problems.ShouldBeEmpty();
        await SpoilFinalBackupsAsync();
        var problem = (await new StoreScrub(_storage, null).RunAsync(Token)).Value.Problems.Single();
        (problem.EnvironmentId, problem.Row).ShouldBe((Env, $"final backup {id}"));
    }

    private async Task RefuseAsync(int times)
    {
        for (var number = 0; number < times; number++)
        {
            (await Client.RenameAsync(Env, "never", ifMatch: new string('0', 64))).MustBe(412, "precondition-failed");
        }
    }

    /// <summary>A store of which nobody may ask for a whole environment.</summary>
    private sealed class NeverWhole(IEnvironmentStorage inner) : RelayedStorage(inner)
    {
        public override Task<Outcome<EnvironmentImage>> CaptureAsync(EnvId environment, CancellationToken cancellationToken) => throw new InvalidOperationException("a whole environment was asked for");
    }

    /// <summary>A store in which things happen between the reads of a scrub, each once.</summary>
    private sealed class Meddled(IEnvironmentStorage inner) : RelayedStorage(inner)
    {
        private bool _isDone;

        public Func<SideName, Task> BeforeSide { get; init; } = static _ => Task.CompletedTask;

        public Func<Task> AfterPage { get; init; } = static () => Task.CompletedTask;

        public override async Task<Outcome<SideDocument?>> ReadSideAsync(EnvId environment, SideName name, CancellationToken cancellationToken)
        {
            await BeforeSide(name);
            return await base.ReadSideAsync(environment, name, cancellationToken);
        }

        public override async Task<Outcome<IAuditReader>> OpenAuditAsync(EnvId environment, CancellationToken cancellationToken) =>
            (await base.OpenAuditAsync(environment, cancellationToken)).Then<IAuditReader>(reader => new Pages(reader, this));

        private sealed class Pages(IAuditReader inner, Meddled owner) : IAuditReader
        {
            public async Task<Outcome<System.Collections.Immutable.ImmutableArray<ReadOnlyMemory<byte>>>> NextAsync(CancellationToken cancellationToken)
            {
                var page = await inner.NextAsync(cancellationToken);
                if (!owner._isDone)
                {
                    owner._isDone = true;
                    await owner.AfterPage();
                }

                return page;
            }

            public void Dispose() => inner.Dispose();
        }
    }
}

public sealed class A_scrub_tells_damage_from_change_on_files : A_scrub_tells_damage_from_change<FileLab>
{
    [Fact]
    public async Task An_environment_that_cannot_be_listed_is_damaged()
    {
        await Lab.StopAsync();
        var folder = Path.Combine(Lab.Data, Env);
        await File.WriteAllTextAsync(Path.Combine(folder, "environment.json"), "{\"schema\":", Token);
        foreach (var segment in Directory.GetFiles(Path.Combine(folder, "journal")))
        {
            var bytes = await File.ReadAllBytesAsync(segment, Token);
            bytes[40] ^= 1;
            await File.WriteAllBytesAsync(segment, bytes, Token);
        }

        Directory.CreateDirectory(Path.Combine(Lab.Data, "no-environment"));
        await using var storage = await Lab.OpenAsync();
        var report = (await new StoreScrub(storage, null).RunAsync(Token)).Value;
        report.Environments.ShouldBe(1);
        report.Problems.ShouldContain(problem => problem.EnvironmentId == Env && problem.Row == "document");
    }

    protected override async Task DamageAuditAsync(int line)
    {
        var log = Path.Combine(Lab.Data, Env, "audit", "events.jsonl");
        var lines = await File.ReadAllLinesAsync(log, Token);
        lines[line - 1] = lines[line - 1].Replace("update", "updote", StringComparison.Ordinal);
        await File.WriteAllLinesAsync(log, lines, new UTF8Encoding(false), Token);
    }

    protected override async Task SpoilFinalBackupsAsync()
    {
        foreach (var content in Directory.GetFiles(Path.Combine(Lab.Data, ".server", "ended"), "*.br"))
        {
            await File.WriteAllTextAsync(content, "spoiled", Token);
        }
    }
}

public sealed class A_scrub_tells_damage_from_change_on_postgres : A_scrub_tells_damage_from_change<PostgresLab>
{
    [Fact]
    public async Task What_the_database_cannot_read_is_named_by_its_row()
    {
        await Client.RenameAsync(Env, "newest");
        await Lab.StopAsync();
        await Lab.DamageAsync("documents", "document", "generation = 2");
        await using var storage = await Lab.OpenAsync();
        var found = (await new StoreScrub(storage, null).RunAsync(Token)).Value.Problems;
        found.ShouldContain(problem => problem.EnvironmentId == Env && problem.Row == "generation 2" && problem.Why.Contains("invalid page in block 0", StringComparison.Ordinal));
    }

    protected override Task DamageAuditAsync(int line) => Lab.ExecuteAsync($"UPDATE gtc_store.audit SET content = replace(content, 'update', 'updote') WHERE line = {line}");

    protected override Task SpoilFinalBackupsAsync() => Lab.ExecuteAsync("UPDATE gtc_store.ended SET content = 'spoiled'");
}
