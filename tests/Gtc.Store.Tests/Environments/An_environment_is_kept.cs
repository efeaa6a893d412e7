using System.Text;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store.Tests;

public sealed class An_environment_is_kept : IDisposable
{
    private readonly Workbench _bench = new();

    private static readonly string[] ListedIds = ["a", "prod"];

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task What_is_saved_is_loaded_again_with_members_nobody_knows()
    {
        await _bench.CreateAsync("prod");
        var path = _bench.Path("prod", "environment.json");
        var json = JsonNode.Parse(File.ReadAllText(path))!;
        json["x_future"] = "kept";
        File.WriteAllText(path, json.ToJsonString());

        var loaded = await LoadAsync("prod");
        await _bench.SaveAsync(loaded.Value with { Name = "New name" });

        var text = File.ReadAllText(path);
        text.ShouldContain("\"x_future\": \"kept\"");
        text.ShouldContain("\"name\": \"New name\"");
        text.ShouldEndWith("}\n");
        File.GetUnixFileMode(path).ShouldBe(AtomicFile.Private);
    }

    [Fact]
    [Trait("fact", "store:9.1")]
    public async Task The_first_save_makes_no_backup_and_every_later_one_a_distinct_one()
    {
        await _bench.CreateAsync("prod");
        Directory.Exists(_bench.Path("prod", "backups")).ShouldBeFalse();

        await _bench.SaveAsync(Workbench.Fresh("prod") with { Name = "2" });
        _bench.Backups("prod", "environment.json").Single().ShouldEndWith("environment.json.20261120T140203.000000000Z.bak");

        // The clock stands still, so all names collide.
        for (var save = 3; save <= 50; save++)
        {
            await _bench.SaveAsync(Workbench.Fresh("prod") with { Name = $"{save}" });
        }

        var backups = _bench.Backups("prod", "environment.json");
        backups.Length.ShouldBe(49);
        backups.Select(file => Documents.Environment.Parse(File.ReadAllBytes(file)).Value.Name).Distinct().Count().ShouldBe(49);
    }

    [Fact]
    public async Task Where_files_have_one_name_only_a_backup_is_a_copy()
    {
        await _bench.CreateAsync("prod");
        var store = _bench.NewStore(new FaultyCalls { Only = "link", Errno = Errno.NotPermitted });
        for (var save = 2; save <= 3; save++)
        {
            var document = Workbench.Fresh("prod") with { Name = $"{save}" };
            (await store.MutateAsync<string>(Workbench.Intent("prod"), _ => new Mutation<string>("") { Document = document }, Workbench.Cancellation)).IsOk.ShouldBeTrue();
        }

        _bench.Backups("prod", "environment.json").Select(file => Documents.Environment.Parse(File.ReadAllBytes(file)).Value.Name)
            .ShouldBe(["2", "prod"], ignoreOrder: true);
    }

    [Fact]
    [Trait("fact", "store:9.2")]
    public async Task A_document_that_breaks_a_rule_is_not_saved()
    {
        await _bench.CreateAsync("prod");
        var before = File.ReadAllText(_bench.Path("prod", "environment.json"));
        var good = Workbench.Fresh("prod");
        var binding = EnvironmentVerbs.DefaultBindings[0];
        var broken = new (EnvironmentDocument Document, string Rule)[]
        {
            (good with { Schema = "greentic.environment.v2" }, "SchemaMismatch"),
            (good with { HostConfig = new HostConfig { EnvId = Workbench.Env("dev") } }, "EnvIdMismatch"),
            (good with { Packs = [binding, binding] }, "DuplicateCapabilitySlot"),
        };
        foreach (var (document, rule) in broken)
        {
            var outcome = await _bench.Store.MutateAsync<string>(Workbench.Intent("prod"), _ => new Mutation<string>("") { Document = document }, Workbench.Cancellation);
            var refusal = outcome.Refusal.ShouldBeOfType<Refusal.StoreFailed>();
            refusal.Details.ShouldContain(new RefusalDetail("rule", rule));
        }

        File.ReadAllText(_bench.Path("prod", "environment.json")).ShouldBe(before);
        _bench.Backups("prod", "environment.json").ShouldBeEmpty();
    }

    [Theory]
    [Trait("fact", "store:9.3")]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../x")]
    [InlineData(".audit")]
    [InlineData("a:b")]
    [InlineData("a\0b")]
    public void An_id_that_could_leave_the_root_does_not_exist_as_a_value(string text) => EnvId.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    [Trait("fact", "store:9.4")]
    public async Task A_document_in_the_wrong_folder_exists_but_is_neither_loaded_nor_listed()
    {
        await _bench.CreateAsync("dev");
        Directory.CreateDirectory(_bench.Path("prod", ""));
        File.Copy(_bench.Path("dev", "environment.json"), _bench.Path("prod", "environment.json"));

        var refusal = (await LoadAsync("prod")).Refusal.ShouldBeOfType<Refusal.StoreFailed>();

        refusal.Details.ShouldContain(new RefusalDetail("rule", "EnvIdMismatch"));
        (await _bench.Store.ListAsync(Workbench.Cancellation)).Value.Select(id => id.ToString()).ShouldBe(["dev"]);
        (await _bench.Store.ExistsAsync(Workbench.Env("prod"), Workbench.Cancellation)).ShouldBeTrue();
    }

    [Fact]
    [Trait("fact", "store:9.5")]
    public async Task A_truncated_document_is_named_with_its_backup_and_never_overwritten()
    {
        await _bench.CreateAsync("prod");
        await _bench.SaveAsync(Workbench.Fresh("prod") with { Name = "2" });
        _bench.ForgetJournal("prod");
        var path = _bench.Path("prod", "environment.json");
        var torn = File.ReadAllText(path)[..40];
        File.WriteAllText(path, torn);

        var refusal = (await _bench.CreateAsync("prod")).Refusal.ShouldBeOfType<Refusal.StoreFailed>();

        var backup = _bench.Backups("prod", "environment.json").Single();
        refusal.Message.ShouldContain("LineNumber");
        refusal.Details.ShouldContain(new RefusalDetail("file", path));
        refusal.Details.ShouldContain(new RefusalDetail("backup", backup));
        refusal.Next.ShouldBe($"cp {backup} {path}");
        File.ReadAllText(path).ShouldBe(torn);
        (await _bench.Store.ListAsync(Workbench.Cancellation)).Value.ShouldBeEmpty();
        _bench.AuditLines("prod")[^1].GetProperty("result").GetProperty("kind").GetString().ShouldBe("store");
    }

    [Fact]
    public async Task The_list_skips_what_is_no_environment()
    {
        (await _bench.Store.ListAsync(Workbench.Cancellation)).Value.ShouldBeEmpty("there is no root yet");
        await _bench.CreateAsync("prod");
        await _bench.CreateAsync("a");
        Directory.CreateDirectory(System.IO.Path.Combine(_bench.Layout.Root, "empty"));
        Directory.CreateDirectory(System.IO.Path.Combine(_bench.Layout.Root, ".dev-migrated-2026"));
        Directory.CreateDirectory(System.IO.Path.Combine(_bench.Layout.Root, "b", "environment.json"));
        File.WriteAllText(System.IO.Path.Combine(_bench.Layout.Root, "file"), "x");

        (await _bench.Store.ListAsync(Workbench.Cancellation)).Value.Select(id => id.ToString()).ShouldBe(ListedIds);
    }

    [Fact]
    public async Task An_environment_that_does_not_exist_is_missing()
    {
        var refusal = (await LoadAsync("prod")).Refusal.ShouldBeOfType<Refusal.Missing>();
        refusal.Message.ShouldContain("prod");
        (await _bench.Store.ExistsAsync(Workbench.Env("prod"), Workbench.Cancellation)).ShouldBeFalse();
        Directory.Exists(_bench.Layout.Root).ShouldBeFalse("reading makes nothing");
    }

    [Fact]
    public async Task Discovered_values_are_checked_for_schema_and_environment()
    {
        await _bench.CreateAsync("prod");
        (await LoadRuntimeAsync()).Value.ShouldBeNull();
        Write("greentic.environment-runtime.v1", "prod");
        (await LoadRuntimeAsync()).Value!.Generation.ShouldBe(3ul);
        Write("greentic.environment-runtime.v2", "prod");
        (await LoadRuntimeAsync()).Refusal.ShouldBeOfType<Refusal.StoreFailed>().Details.ShouldContain(new RefusalDetail("rule", "SchemaMismatch"));
        Write("greentic.environment-runtime.v1", "dev");
        (await LoadRuntimeAsync()).Refusal.ShouldBeOfType<Refusal.StoreFailed>().Details.ShouldContain(new RefusalDetail("rule", "EnvIdMismatch"));
        File.WriteAllText(_bench.Path("prod", "runtime.json"), "{");
        (await LoadRuntimeAsync()).Refusal.ShouldBeOfType<Refusal.StoreFailed>();

        Task<Outcome<EnvironmentRuntime?>> LoadRuntimeAsync() => _bench.Store.LoadRuntimeAsync(Workbench.Env("prod"), Workbench.Cancellation);
        void Write(string schema, string id) => File.WriteAllText(_bench.Path("prod", "runtime.json"),
            $$"""{"schema":"{{schema}}","environment_id":"{{id}}","generated_at":"2026-11-20T14:02:03Z","generated_by":"greentic.deployer.local-process@0.1.0","generation":3}""");
    }

    [Fact]
    public async Task No_damage_to_a_document_is_more_than_a_refusal()
    {
        var document = Workbench.Fresh("prod") with { Packs = EnvironmentVerbs.DefaultBindings };
        await _bench.CreateAsync("prod");
        await _bench.SaveAsync(document);
        _bench.ForgetJournal("prod");
        var path = _bench.Path("prod", "environment.json");
        var good = File.ReadAllBytes(path);
        var random = new Random(7);
        for (var round = 0; round < 2_000; round++)
        {
            var bytes = good.ToArray();
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(path, bytes[..(round % 4 == 0 ? random.Next(bytes.Length) : bytes.Length)]);
            (await LoadAsync("prod")).TryGet(out _, out _);
            (await _bench.Store.ListAsync(Workbench.Cancellation)).IsOk.ShouldBeTrue();
        }
    }

    [Theory]
    [InlineData("packs")]
    [InlineData("bundles")]
    [InlineData("revisions")]
    [InlineData("traffic_splits")]
    [InlineData("messaging_endpoints")]
    [InlineData("extensions")]
    public async Task A_null_in_a_list_is_a_refusal(string member)
    {
        await _bench.CreateAsync("prod");
        _bench.ForgetJournal("prod");
        var json = JsonNode.Parse(File.ReadAllText(_bench.Path("prod", "environment.json")))!;
        json[member] = new JsonArray((JsonNode?)null);
        File.WriteAllText(_bench.Path("prod", "environment.json"), json.ToJsonString());
        (await LoadAsync("prod")).Refusal.ShouldBeOfType<Refusal.StoreFailed>();
    }

    [Fact]
    public async Task A_member_that_is_not_text_is_a_refusal()
    {
        await _bench.CreateAsync("prod");
        _bench.ForgetJournal("prod");
        var path = _bench.Path("prod", "environment.json");
        var text = File.ReadAllText(path);
        var start = Encoding.UTF8.GetBytes(text[..^2] + ",\"x_future\":\"");
        File.WriteAllBytes(path, [.. start, 0xff, .. "\"}"u8]);
        (await LoadAsync("prod")).Refusal.ShouldBeOfType<Refusal.StoreFailed>();
    }

    [Fact]
    public async Task Half_a_character_in_a_free_value_is_no_crash()
    {
        await _bench.SaveAsync(The_runtime_config_follows.Routed());
        _bench.ForgetJournal("prod");
        var path = _bench.Path("prod", "environment.json");
        var text = File.ReadAllText(path);
        File.WriteAllText(path, text.Replace("\"authorization_ref\"", "\"config_overrides\":{\"app\":{\"k\":\"\\ud800\"}},\"authorization_ref\"", StringComparison.Ordinal));
        (await LoadAsync("prod")).Refusal.ShouldBeOfType<Refusal.StoreFailed>();
    }

    private Task<Outcome<EnvironmentDocument>> LoadAsync(string id) => _bench.Store.LoadAsync(Workbench.Env(id), Workbench.Cancellation);
}
