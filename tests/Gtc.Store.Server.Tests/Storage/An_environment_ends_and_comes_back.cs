using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store.Server.Tests.Storage;

/// <summary>What the contract's routes build on: side documents, ends, and images.</summary>
public abstract class An_environment_ends_and_comes_back<TLab>
    where TLab : StoreLab, new()
{
    private static readonly EnvId Env = EnvId.TryParse("shop-eu", out var id) ? id : default;
    private static readonly SideName Answers = SideName.Of("env-packs/deployer/answers.json");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_lies_beside_is_written_with_the_change_and_seen_by_the_next()
    {
        await using var lab = new TLab();
        await using var storage = await lab.OpenAsync();
        await CreateAsync(storage);
        (await storage.ReadSideAsync(Env, Answers, Token)).Value.ShouldBeNull();
        await CommitAsync(storage, "put", _ => Put(Answers, "{\"a\":1}"));
        var side = (await storage.ReadSideAsync(Env, Answers, Token)).Value.ShouldNotBeNull();
        Encoding.UTF8.GetString(side.Bytes.Span).ShouldBe("{\"a\":1}");
        side.Etag.ShouldBe(Convert.ToHexStringLower(SHA256.HashData("{\"a\":1}"u8)));

        var seen = "";
        await CommitAsync(storage, "take", context =>
        {
            seen = context.Side(Answers).Value!.Etag;
            return Answered() with { Sides = TypedSides.Of(Answers, null).Add(SideName.Of("a b/ü.json"), "x"u8.ToArray()) };
        });
        seen.ShouldBe(side.Etag);
        (await storage.ReadSideAsync(Env, Answers, Token)).Value.ShouldBeNull();
        (await storage.ListSidesAsync(Env, "a", Token)).Value.Select(name => name.ToString()).ShouldBe(["a b/ü.json"]);
        (await storage.ListSidesAsync(Env, "b", Token)).Value.ShouldBeEmpty();
        (await storage.ReadSideAsync(EnvId.Local, Answers, Token)).Refusal.ShouldBeOfType<Refusal.Missing>();

        // A refused change writes nothing beside either.
        (await storage.CommitAsync(Ask("refused", "set"), _ => new Refusal.Conflict("no"), Token)).IsOk.ShouldBeFalse();
        (await storage.ReadAsync(Env, null, Token)).Value.Generation.ShouldBe(1ul);
    }

    [Fact]
    public async Task An_end_is_answered_again_and_the_next_of_that_id_counts_on()
    {
        await using var lab = new TLab();
        await using var storage = await lab.OpenAsync();
        await CreateAsync(storage);
        await CommitAsync(storage, "put", _ => Put(Answers, "{}"));
        (await storage.RemoveAsync(Ask("no", "destroy"), _ => new Refusal.Conflict("it is live"), Token)).Refusal.ShouldBeOfType<Refusal.Conflict>();
        var waiting = storage.WaitAsync(Env, 1, Token);
        var ended = (await storage.RemoveAsync(Ask("end", "destroy"), _ => Answered(), Token)).Value;
        (ended.Generation, ended.Etag, ended.IsReplay).ShouldBe((2ul, "", false));
        (await waiting).ShouldBe(new WatchedGeneration(2, ""));
        (await storage.ReadAsync(Env, null, Token)).Refusal.ShouldBeOfType<Refusal.Missing>();
        (await storage.ListAsync(Token)).Value.ShouldBeEmpty();
        (await storage.RemoveAsync(Ask("end", "destroy"), _ => throw new InvalidOperationException(), Token)).Value.ShouldSatisfyAllConditions(
            again => again.IsReplay.ShouldBeTrue(), again => again.Generation.ShouldBe(2ul), again => again.Audit.ToArray().ShouldBe(ended.Audit.ToArray()));
        (await storage.RemoveAsync(Ask("end", "other"), _ => throw new InvalidOperationException(), Token)).Refusal.ShouldBeOfType<Refusal.Conflict>();

        (await CreateAsync(storage, "again")).Generation.ShouldBe(3ul);
        (await storage.ReadSideAsync(Env, Answers, Token)).Value.ShouldBeNull();
        (await storage.ReadAsync(Env, null, Token)).Value.Document.EnvGeneration.ShouldBe(3ul);
        (await CommitAsync(storage, "rename", context => Answered() with { Document = context.Present with { Name = "x" } })).Generation.ShouldBe(4ul);
    }

    [Fact]
    public async Task An_image_is_put_in_place_elsewhere_with_its_log_and_keys()
    {
        await using var lab = new TLab();
        EnvironmentImage image;
        await using (var storage = await lab.OpenAsync())
        {
            await CreateAsync(storage);
            await CommitAsync(storage, "put", _ => Put(Answers, "{\"a\":1}"));
            (await storage.CommitAsync(Ask("refused", "set"), _ => new Refusal.Conflict("no"), Token)).IsOk.ShouldBeFalse();
            await CommitAsync(storage, "rename", context => Answered() with { Document = context.Present with { Name = "renamed" } });
            image = (await storage.CaptureAsync(Env, Token)).Value;
        }

        image.Generation.ShouldBe(2ul);
        image.Keys.Select(kept => kept.Key).ShouldBe(["create", "put", "rename"]);
        image.Audit.Length.ShouldBe(4);
        image.Sides.Keys.ShouldBe([Answers]);

        await using var other = new TLab();
        await using var fresh = await other.OpenAsync();
        var imported = await CommitAsync(fresh, "import", _ => Answered() with { Document = image.Document, Image = image });
        imported.Generation.ShouldBe(3ul);
        var back = (await fresh.CaptureAsync(Env, Token)).Value;
        back.Document.ShouldSatisfyAllConditions(document => document.Name.ShouldBe("renamed"), document => document.EnvGeneration.ShouldBe(3ul));
        back.Sides.Single().Value.ToArray().ShouldBe(image.Sides.Single().Value.ToArray());
        back.Audit.Take(4).Select(line => Encoding.UTF8.GetString(line.Span)).ShouldBe(image.Audit.Select(line => Encoding.UTF8.GetString(line.Span)));
        (await VerifyAsync(other, back)).IsSound.ShouldBeTrue();

        // What was done there is not done again here.
        var replayed = (await fresh.CommitAsync(Ask("rename", "set"), _ => throw new InvalidOperationException(), Token)).Value;
        (replayed.IsReplay, replayed.Generation).ShouldBe((true, 2ul));
        (await CommitAsync(fresh, "more", context => Answered() with { Document = context.Present with { Name = "more" } })).Generation.ShouldBe(4ul);
        (await VerifyAsync(other, (await fresh.CaptureAsync(Env, Token)).Value)).IsSound.ShouldBeTrue();

        // Over what is there, what lies beside is replaced, and the log goes on.
        await CommitAsync(fresh, "beside", _ => Put(SideName.Of("other.json"), "{}"));
        (await CommitAsync(fresh, "restore", _ => Answered() with { Document = image.Document, Image = image })).Generation.ShouldBe(5ul);
        var restored = (await fresh.CaptureAsync(Env, Token)).Value;
        restored.Sides.Keys.ShouldBe([Answers]);
        restored.Audit.Length.ShouldBe(8);
        (await VerifyAsync(other, restored)).IsSound.ShouldBeTrue();
    }

    [Fact]
    public async Task A_long_log_is_not_copied_by_the_end_and_is_there_again_after_it()
    {
        await using var lab = new TLab();
        await using var storage = await lab.OpenAsync();
        await CreateAsync(storage);
        await CommitAsync(storage, "put", _ => Put(Answers, "{\"a\":1}"));
        for (var number = 0; number < 300; number++)
        {
            (await storage.CommitAsync(Ask($"no {number}", "set") with { Key = null, Fingerprint = null }, _ => new Refusal.Conflict(Convert.ToHexString(RandomNumberGenerator.GetBytes(200))), Token)).IsOk.ShouldBeFalse();
        }

        var before = (await storage.CaptureAsync(Env, Token)).Value;
        var removed = await storage.RemoveAsync(Ask("end", "destroy"), context => Answered() with { Final = FinalBackup.Of(context.Capture!().Value, context.NewUlid(), context.Now) }, Token);
        removed.IsOk.ShouldBeTrue();
        var manifest = (await storage.ListEndedAsync(Env, Token)).Value.Single();
        (manifest.AuditLines, manifest.AuditHead).ShouldBe((302, new ExportedAudit(before.Audit, null).Head));
        manifest.SizeBytes.ShouldBeLessThan(10_000);

        var image = (await storage.ReadEndedAsync(manifest.BackupId, Token)).Value;
        await CommitAsync(storage, "again", _ => Answered() with { Document = image.Document, Image = image });
        var back = (await storage.CaptureAsync(Env, Token)).Value;
        back.Audit.Take(302).Select(line => Encoding.UTF8.GetString(line.Span)).ShouldBe(before.Audit.Select(line => Encoding.UTF8.GetString(line.Span)));
        (await VerifyAsync(lab, back)).IsSound.ShouldBeTrue();
        back.Sides.Keys.ShouldBe([Answers]);
        (await storage.CommitAsync(Ask("put", "set"), _ => throw new InvalidOperationException(), Token)).Value.IsReplay.ShouldBeTrue();
    }

    [Fact]
    public async Task What_is_too_large_for_a_final_backup_ends_by_force_without_one()
    {
        await using var lab = new TLab();
        IEnvironmentStorage storage = null!;
        using var client = await lab.StartAsync(options =>
        {
            storage = options.Storage;
            return options;
        });
        (await client.CreateAsync(Env.ToString())).Must(200);
        for (var number = 0; number < 5; number++)
        {
            await CommitAsync(storage, $"put {number}", _ => Answered() with { Sides = TypedSides.Of(SideName.Of($"env-packs/deployer/{number}.json"), RandomNumberGenerator.GetBytes(SideDocument.MaxBytes - 1)) });
        }

        var seen = (await client.GetAsync($"/environments/{Env}")).Etag;
        (await client.ChangeAsync("DELETE", $"/environments/{Env}", """{"force":false}""", ifMatch: seen)).MustBe(409, "conflict").Text.ShouldContain("by force");
        var ended = (await client.ChangeAsync("DELETE", $"/environments/{Env}", """{"force":true}""", ifMatch: seen)).Must(200);
        ended.Result.GetProperty("backup_id").ValueKind.ShouldBe(JsonValueKind.Null);
        (await storage.ListEndedAsync(null, Token)).Value.ShouldBeEmpty();
    }

    private static async Task<AuditVerdict> VerifyAsync(StoreLab lab, EnvironmentImage image)
    {
        var path = Path.Combine(lab.Folder, $"{Guid.NewGuid()}.jsonl");
        await File.WriteAllBytesAsync(path, image.Audit.SelectMany(line => (byte[])[.. line.Span, (byte)'\n']).ToArray(), Token);
        return (await AuditFile.VerifyAsync([path], Token)).Value;
    }

    private static Task<CommittedChange> CreateAsync(IEnvironmentStorage storage, string key = "create") => CommitAsync(
        storage, key, _ => Answered() with { Document = EnvironmentVerbs.CreateNamed(Env, "Shop", new HostConfig { EnvId = Env }).Value });

    private static async Task<CommittedChange> CommitAsync(IEnvironmentStorage storage, string key, Func<ChangeContext, Outcome<Change>> step) =>
        (await storage.CommitAsync(Ask(key, "set"), step, Token)).Value;

    private static Change Answered() => new(ChangeAnswer.Of(JsonSerializer.SerializeToElement(true)));

    private static Change Put(SideName name, string text) => Answered() with { Sides = TypedSides.Of(name, Encoding.UTF8.GetBytes(text)) };

    private static ChangeRequest Ask(string key, string verb) => new()
    {
        Environment = Env,
        Noun = "test",
        Verb = verb,
        Target = new JsonObject { ["environment_id"] = Env.ToString() },
        Key = key,
        Fingerprint = $"{key} {verb}",
        Actor = new AuditActor("test"),
        Authorization = new AuditAuthorization("allow", "test", "a test may"),
    };
}
